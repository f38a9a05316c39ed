import { BodyRefused, readJsonBody, type JsonBodyOptions } from '@portcullis/http';
import { once } from 'node:events';
import { Agent, request as send, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serve } from './server.ts';

function echo(options?: JsonBodyOptions): Promise<string> {
  return serve((request, response) => {
    readJsonBody(request, options).then(
      (value) => response.end(JSON.stringify({ value, none: value === undefined })),
      (error: unknown) => {
        if (error instanceof BodyRefused) response.writeHead(error.status).end(error.message);
        else response.writeHead(500).end(String(error));
      },
    );
  });
}

async function post(
  body: string | Uint8Array<ArrayBuffer> | ReadableStream | null,
  headers: Record<string, string> = {},
  options?: JsonBodyOptions,
) {
  const response = await fetch(await echo(options), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  });
  return { status: response.status, text: await response.text() };
}

function inChunks(...chunks: readonly (string | Uint8Array)[]): ReadableStream {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(Buffer.from(chunk));
      controller.close();
    },
  });
}

describe('a JSON body', () => {
  it.each(['{"a":[1,"é"]}', '[]', '"text"', 'null', '0', ' {} '])('is parsed: %s', async (body) => {
    expect(await post(body)).toEqual({
      status: 200,
      text: JSON.stringify({ value: JSON.parse(body) as unknown, none: false }),
    });
  });

  it('is parsed from chunks, even when one cuts a character in two', async () => {
    const bytes = Buffer.from('{"a":"é"}');
    const halves = [bytes.subarray(0, 7), bytes.subarray(7)];
    expect(await post(inChunks(...halves))).toMatchObject({
      status: 200,
      text: '{"value":{"a":"é"},"none":false}',
    });
  });

  it('may be absent', async () => {
    expect(await post(null)).toEqual({ status: 200, text: '{"none":true}' });
    expect(await post('', { 'content-type': 'text/plain' })).toMatchObject({ text: '{"none":true}' });
    expect(await post(inChunks())).toMatchObject({ text: '{"none":true}' });
  });

  it.each<[string, string | Uint8Array<ArrayBuffer>]>([
    ['cut short', '{"a":'],
    ['two values', '{}{}'],
    ['a trailing comma', '[1,]'],
    ['a comment', '{} // x'],
    ['NaN', 'NaN'],
    ['a duplicate member', '{"a":1,"a":2}'],
    ['a duplicate member, one of them escaped', '{"a":1,"\\u0061":2}'],
    ['a duplicate member deep inside', '{"x":[{"a":1,"a":2}]}'],
    ['__proto__', '{"__proto__":{"admin":true}}'],
    ['__proto__ deep inside', '{"x":[{"y":{"__proto__":1}}]}'],
    ['__proto__ in disguise', '{"x":{"\\u005f_proto\\u005f_":{"admin":true}}}'],
    [
      '__proto__ wholly in disguise',
      `{"${Array.from('__proto__', (c) => `\\u00${c.charCodeAt(0).toString(16)}`).join('')}":1}`,
    ],
    ['nesting without end', '['.repeat(20_000) + ']'.repeat(20_000)],
    ['nesting one level too deep', '['.repeat(33) + ']'.repeat(33)],
    ['a byte order mark', new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d])],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x7b, 0, 0x7d, 0])],
    ['a byte that is not UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
    ['an overlong character', new Uint8Array([0x22, 0xc0, 0xaf, 0x22])],
    ['half a surrogate pair', new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['a NUL', '{}\0'],
    ['white space alone', '   '],
  ])('is refused with 400: %s', async (_case, body) => {
    const { status, text } = await post(body);
    expect(status).toBe(400);
    expect(text).toMatch(/^the body is not (JSON|UTF-8)/);
  });

  it('may say __proto__ as a value and nest to the limit', async () => {
    expect((await post('{"name":"__proto__"}')).status).toBe(200);
    expect((await post('['.repeat(32) + ']'.repeat(32))).status).toBe(200);
  });

  it('leaves no prototype changed', async () => {
    await post('{"__proto__":{"polluted":true}}');
    await post('{"constructor":{"prototype":{"polluted":true}}}');
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('the headers of a body', () => {
  it.each<[Record<string, string>, number]>([
    [{ 'content-type': 'application/json' }, 200],
    [{ 'content-type': 'Application/JSON; charset=UTF-8' }, 200],
    [{ 'content-type': 'application/json; charset="utf-8"' }, 200],
    [{ 'content-type': 'application/json; profile=x' }, 200],
    [{ 'content-encoding': 'identity' }, 200],
    [{ 'content-type': 'text/plain' }, 415],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, 415],
    [{ 'content-type': 'multipart/form-data; boundary=x' }, 415],
    [{ 'content-type': 'application/jsonp' }, 415],
    [{ 'content-type': 'text/json' }, 415],
    [{ 'content-type': 'text/plain; application/json' }, 415],
    [{ 'content-type': 'application/json, text/plain' }, 415],
    [{ 'content-type': 'application/merge-patch+json' }, 415],
    [{ 'content-type': '' }, 415],
    [{ 'content-type': 'application/json; charset=utf-16' }, 415],
    [{ 'content-type': 'application/json; charset=latin1; charset=utf-8' }, 415],
    [{ 'content-encoding': 'gzip' }, 415],
    [{ 'content-encoding': 'identity, gzip' }, 415],
  ])('%j: %i', async (headers, status) => {
    expect((await post('{}', headers)).status).toBe(status);
  });

  it('may name another media type where the route takes it', async () => {
    const mediaTypes = ['application/merge-patch+json'];
    const headers = { 'content-type': 'application/merge-patch+json' };
    expect((await post('{}', headers, { mediaTypes })).status).toBe(200);
    expect(await post('{}', {}, { mediaTypes })).toEqual({
      status: 415,
      text: 'the body must be application/merge-patch+json',
    });
  });
});

describe('the length of a body', () => {
  const limit = 10;
  const exactly = '"12345678"';
  const over = '"123456789"';

  it('may be the limit and no byte more, announced', async () => {
    expect((await post(exactly, {}, { limit })).status).toBe(200);
    expect(await post(over, {}, { limit })).toEqual({
      status: 413,
      text: 'the body is longer than 10 bytes',
    });
  });

  it('may be the limit and no byte more, in chunks', async () => {
    expect((await post(inChunks('"1234', '5678"'), {}, { limit })).status).toBe(200);
    expect((await post(inChunks('"1234', '56789"'), {}, { limit })).status).toBe(413);
  });

  it('counts bytes, not characters', async () => {
    expect((await post('"ééééé"', {}, { limit })).status).toBe(413);
  });

  it('is 64 KiB unless told otherwise', async () => {
    expect((await post(`"${'x'.repeat(65_534)}"`)).status).toBe(200);
    expect((await post(`"${'x'.repeat(65_535)}"`)).status).toBe(413);
  });

  it.each([
    ['announced', { 'content-length': '300000' }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('leaves the connection fit for its next request when too much comes, %s', async (_way, headers) => {
    const url = await echo({ limit });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const ask = async (body: string, extra: Record<string, string>) => {
      const request = send(url, {
        agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', ...extra },
      });
      const answered = once(request, 'response');
      for (let at = 0; at < body.length; at += 30_000) request.write(body.slice(at, at + 30_000));
      request.end();
      const [response] = (await answered) as [IncomingMessage];
      const { localPort } = response.socket;
      await response.toArray();
      return { status: response.statusCode, localPort };
    };
    const refused = await ask('x'.repeat(300_000), headers);
    expect(refused.status).toBe(413);
    expect(await ask('{}', { 'content-length': '2' })).toEqual({ status: 200, localPort: refused.localPort });
  });

  it('is 400 and nobody’s fault but the sender’s when the body ends early', async () => {
    const seen = Promise.withResolvers<unknown>();
    const url = await serve((request) => void readJsonBody(request).catch(seen.resolve));
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a"',
      () => socket.destroy(),
    );
    expect(await seen.promise).toMatchObject({
      name: 'BodyRefused',
      status: 400,
      message: 'the body ended before its announced end',
    });
  });
});
