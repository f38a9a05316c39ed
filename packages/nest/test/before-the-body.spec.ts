import { Body, Controller, Delete, Get, Post } from '@nestjs/common';
import { Public, RequirePermissions } from '@portcullis/nest';
import { signInAs } from '@portcullis/nest/testing';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOORS, start } from './app.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

@Controller('items')
class ItemsController {
  @Get() @Public() list(@Body() body: unknown) {
    return { body: body ?? null };
  }
  @Post() @RequirePermissions('create:items') create(@Body() body: unknown) {
    return { body: body ?? null };
  }
  @Post('open') @Public() open(@Body() body: unknown) {
    return { body: body ?? null };
  }
  @Delete() @RequirePermissions('create:items') remove(@Body() body: unknown) {
    return { body: body ?? null };
  }
}

const BROKEN = '{"name":';
const callers = {
  nobody: () => undefined,
  forger: () => 'Bearer a.b.c',
  powerless: async () => (await signInAs(issuer)).authorization,
  cook: async () => (await signInAs(issuer, { permissions: ['create:items'] })).authorization,
} as const;

describe.each(DOORS)('token, then permission, then body: the $door on $adapter', ({ door, adapter }) => {
  const listen = () => start({ issuer, controllers: [ItemsController], adapter, options: { door } });

  async function post(
    name: keyof typeof callers,
    body: string,
    { path = 'items', ...headers }: Record<string, string> = {},
  ) {
    const { url } = await listen();
    const authorization = await callers[name]();
    const response = await fetch(`${url}/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...headers,
        ...(authorization ? { authorization } : {}),
      },
      body,
    });
    return { status: response.status, body: (await response.json()) as unknown };
  }

  it.each<[keyof typeof callers, number]>([
    ['nobody', 401],
    ['forger', 401],
    ['powerless', 403],
    ['cook', 400],
  ])('a broken body from %s is %i', async (name, status) => {
    expect((await post(name, BROKEN)).status).toBe(status);
  });

  it('and a whole one reaches the handler', async () => {
    expect(await post('cook', '{"name":"soup"}')).toEqual({ status: 201, body: { body: { name: 'soup' } } });
  });

  it.each<[string, string, Record<string, string>, number]>([
    ['too long', `"${'x'.repeat(70_000)}"`, {}, 413],
    ['of another media type', 'name=soup', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['of a media type nobody can read', '{}', { 'content-type': 'garbage' }, 415],
    ['of an empty media type', '{}', { 'content-type': '' }, 415],
    ['of a media type with a broken tail', '{}', { 'content-type': 'application/json garbage' }, 415],
    ['compressed', '{}', { 'content-encoding': 'gzip' }, 415],
    ['with __proto__', '{"__proto__":{}}', {}, 400],
  ])('a body %s is judged last', async (_case, body, headers, status) => {
    expect((await post('nobody', body, headers)).status).toBe(401);
    expect((await post('powerless', body, headers)).status).toBe(403);
    expect(await post('cook', body, headers)).toMatchObject({
      status,
      body: { type: 'about:blank', status, statusCode: status },
    });
  });

  it('answers who may not without waiting for a byte of the body', async () => {
    const { url } = await listen();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(
      'POST /items HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n',
    );
    const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    socket.destroy();
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('reads a body on a public route too, and none where a method has none', async () => {
    expect(await post('nobody', '{"a":1}', { path: 'items/open' })).toEqual({
      status: 201,
      body: { body: { a: 1 } },
    });
    const { url } = await listen();
    const authorization = (await callers.cook()) ?? '';
    const removed = await fetch(`${url}/items`, {
      method: 'DELETE',
      headers: { authorization, 'content-type': 'application/json' },
      body: BROKEN,
    });
    expect(await removed.json()).toEqual({ body: null });
  });
});
