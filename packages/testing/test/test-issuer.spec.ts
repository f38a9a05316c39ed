import { createLocalJWKSet, createRemoteJWKSet, jwtVerify, errors } from 'jose';
import { createTestKey, signRaw, spoiled } from '@portcullis/testing';
import type { Algorithm } from '@portcullis/tokens';
import { describe, expect, it } from 'vitest';
import { started } from './started.ts';

const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const satisfies readonly Algorithm[];

describe('a test issuer', () => {
  it.each(algorithms)('mints tokens by %s that another library verifies', async (algorithm) => {
    const own = await started({ algorithm });
    const { issuer, audience } = own;
    const keys = createRemoteJWKSet(new URL(own.jwksUri));
    const { payload, protectedHeader } = await jwtVerify(await own.accessToken(), keys, {
      issuer,
      audience,
      typ: 'at+jwt',
    });
    expect(protectedHeader.alg).toBe(algorithm);
    expect(payload).toMatchObject({
      sub: 'user|1',
      client_id: 'test-client',
      jti: expect.any(String) as string,
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
    expect(payload).not.toHaveProperty('scope');
    expect(payload).not.toHaveProperty('permissions');
  });

  it.each(algorithms)('signs any bytes by %s when asked', async (algorithm) => {
    const key = await createTestKey(algorithm);
    const keys = createLocalJWKSet({ keys: [key.publicJwk] });
    const token = signRaw(JSON.stringify({ alg: algorithm }), '{"sub":"a"}', key);
    expect((await jwtVerify(token, keys)).payload).toEqual({ sub: 'a' });
  });

  it('leaves out what is set to undefined, and puts in what is given', async () => {
    const issuer = await started({ algorithm: 'ES256' });
    const token = await issuer.accessToken(
      { sub: undefined, scope: 'a' },
      { header: { typ: undefined, x: 1 } },
    );
    const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    expect(header).not.toContain('typ');
    expect(header).toContain('"x":1');
    expect(payload).not.toContain('"sub"');
    expect(payload).toContain('"scope":"a"');
  });

  it('rotates its key, withdrawing the old one or keeping it', async () => {
    const issuer = await started({ algorithm: 'ES256' });
    const kids = async () => {
      const { keys } = (await (await fetch(issuer.jwksUri)).json()) as { keys: { kid: string }[] };
      return keys.map((key) => key.kid);
    };
    const first = issuer.key.kid;
    await issuer.rotateKeys({ keep: true });
    expect(await kids()).toEqual([first, issuer.key.kid]);
    await issuer.rotateKeys();
    expect(await kids()).toEqual([issuer.key.kid]);
  });
});

describe('a spoiled token', () => {
  it.each<[string, (token: string) => string]>([
    ['signature', spoiled.signature],
    ['unsigned', spoiled.unsigned],
    ['none', spoiled.none],
    ['header', (token) => spoiled.header(token, { kid: undefined, x: 1 })],
    ['claims', (token) => spoiled.claims(token, { sub: 'admin' })],
  ])('by %s verifies nowhere', async (_part, spoil) => {
    const issuer = await started({ algorithm: 'ES256' });
    const keys = createLocalJWKSet({ keys: [issuer.key.publicJwk] });
    const token = await issuer.accessToken();
    await expect(jwtVerify(token, keys)).resolves.toBeDefined();
    await expect(jwtVerify(spoil(token), keys)).rejects.toBeInstanceOf(errors.JOSEError);
  });

  it('by spelling has the same bytes and another text', async () => {
    const token = await (await started()).accessToken();
    const bytes = (text: string) => Buffer.from(text.split('.')[2] ?? '', 'base64url');
    expect(spoiled.spelling(token)).not.toBe(token);
    expect(bytes(spoiled.spelling(token))).toEqual(bytes(token));
  });
});
