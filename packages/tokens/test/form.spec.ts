import { createTestIssuer, signRaw, spoiled, type TestIssuer } from '@portcullis/testing';
import type { Credential, Verifier } from '@portcullis/tokens';
import { createVerifier } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verify } from './trust.ts';

let issuer: TestIssuer;
let verifier: Verifier;
let good: string;

beforeAll(async () => {
  issuer = await createTestIssuer();
  verifier = createVerifier({ issuer: issuer.issuer, audience: issuer.audience });
  good = await issuer.accessToken();
});
afterAll(async () => {
  verifier.close();
  await issuer.stop();
});

function header(): string {
  return JSON.stringify({ alg: 'RS256', kid: issuer.key.kid });
}

async function payload(): Promise<string> {
  return Buffer.from((await issuer.accessToken()).split('.')[1] ?? '', 'base64url').toString();
}

function encoded(bytes: string | readonly number[]): string {
  return Buffer.from(bytes).toString('base64url');
}

describe('the form of an access token', () => {
  it('is accepted unspoiled', async () => {
    expect(await verify(verifier, good)).toMatchObject({ subject: 'user|1' });
    expect(await verify(verifier, signRaw(header(), await payload(), issuer.key))).toBeDefined();
  });

  it.each<[string, (token: string) => string]>([
    ['nothing', () => ''],
    ['one part', () => 'abc'],
    ['two parts', (token) => token.split('.').slice(0, 2).join('.')],
    ['four parts', (token) => `${token}.AAAA`],
    ['five parts, a JWE', (token) => `${token}.AAAA.AAAA`],
    ['no signature', spoiled.unsigned],
    ['padding', (token) => `${token}==`],
    ['a trailing newline', (token) => `${token}\n`],
    ['a leading space', (token) => ` ${token}`],
    ['a space inside the signature', (token) => `${token.slice(0, -4)} ${token.slice(-4)}`],
    ['an asterisk', (token) => `${token}*`],
    ['spare bits in the last character', spoiled.spelling],
    ['the plain alphabet', (token) => `${token.slice(0, -4)}++//`],
    ['a letter that Node decodes as its low byte', (token) => token.replace('eyJ', '\u0165yJ')],
    ['such a letter in the payload', (token) => token.replace('.eyJ', '.e\u0179J')],
    [
      'such a letter in the signature',
      (token) => token.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 256)),
    ],
    ['more than 16 KiB', (token) => `${token}${'A'.repeat(16 * 1024)}`],
    ['a JSON serialization', (token) => JSON.stringify({ payload: token })],
  ])('is refused with %s', async (_case, spoil) => {
    await expect(verify(verifier, spoil(good))).rejects.toMatchObject({
      code: 'ERR_TOKEN_MALFORMED',
      error: 'invalid_token',
    });
  });

  it.each<[string, string, (head: string, body: string, end: string) => string]>([
    ['one part', 'it does not have three parts', (head) => head],
    ['two parts', 'it does not have three parts', (head, body) => `${head}.${body}`],
    ['four parts', 'it does not have three parts', (head, body, end) => `${head}.${body}.${end}.AAAA`],
    ['padding', 'its header is not canonical base64url', (head, body, end) => `${head}=.${body}.${end}`],
    ['padding', 'its payload is not canonical base64url', (head, body, end) => `${head}.${body}=.${end}`],
    ['padding', 'its signature is not canonical base64url', (head, body, end) => `${head}.${body}.${end}=`],
    ['a lone byte', 'its payload is not UTF-8', (head, _body, end) => `${head}.${encoded([0xc3])}.${end}`],
    ['a text', 'its payload is not a JSON object', (head, _body, end) => `${head}.${encoded('"x"')}.${end}`],
  ])('with %s is refused because %s', async (_fault, reason, spoil) => {
    const [head = '', body = '', end = ''] = good.split('.');
    await expect(verify(verifier, spoil(head, body, end))).rejects.toThrow(reason);
  });

  it('is refused for its JSON with what was wrong in it as the cause', async () => {
    const [head, , end] = good.split('.');
    const token = `${head}.${encoded('{"a":1,"a":2}')}.${end}`;
    await expect(verify(verifier, token)).rejects.toMatchObject({
      message: expect.stringContaining('its payload is not JSON with unique members') as unknown,
      cause: new SyntaxError('the JSON has an object with duplicate members'),
    });
  });

  it.each([undefined, null, 7, {}, ['text']])('is refused as %j, which is not text', async (value) => {
    const credential: Credential = { scheme: 'bearer', token: good };
    Object.assign(credential, { token: value });
    await expect((async () => verifier.verify(credential))()).rejects.toMatchObject({
      code: 'ERR_TOKEN_MALFORMED',
    });
  });

  it('is refused for its length before its dots are counted', async () => {
    const started = performance.now();
    await expect(verify(verifier, '.'.repeat(1024 * 1024))).rejects.toMatchObject({
      code: 'ERR_TOKEN_MALFORMED',
    });
    expect(performance.now() - started).toBeLessThan(50);
  });

  it.each<[string, (text: string) => string | Uint8Array]>([
    ['a duplicate member', (text) => text.replace('{', '{"aud":"https://other.example",')],
    ['a duplicate member in disguise', (text) => text.replace('{', '{"\\u0061ud":"https://other.example",')],
    ['a duplicate member further in', (text) => text.replace('{', '{"x":[{"a":1,"a":2}],')],
    ['trailing bytes', (text) => `${text}{}`],
    ['a byte order mark', (text) => `\uFEFF${text}`],
    ['UTF-16', (text) => Buffer.from(text, 'utf16le')],
    [
      'broken UTF-8',
      (text) => Buffer.concat([Buffer.from(text.replace('}', ',"x":"')), Buffer.from([0xc3, 0x22, 0x7d])]),
    ],
    ['a list', () => '[]'],
    ['null', () => 'null'],
    ['nesting', (text) => text.replace('{', `{"x":${'['.repeat(40)}${']'.repeat(40)},`)],
    ['another token inside', () => good],
  ])('is refused when the signed payload has %s', async (_case, spoil) => {
    const token = signRaw(header(), spoil(await payload()), issuer.key);
    await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_TOKEN_MALFORMED' });
  });

  it('is refused when the signed header has a duplicate member', async () => {
    const token = signRaw(header().replace('{', '{"alg":"none",'), await payload(), issuer.key);
    await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_TOKEN_MALFORMED' });
  });

  it('is never quoted by the reason', async () => {
    const reason = await verify(verifier, `${good}==`).catch((error: unknown) => String(error));
    expect(reason).not.toContain(good.slice(0, 20));
  });
});
