import { createHmac } from 'node:crypto';
import { createTestIssuer, createTestKey, spoiled, type TestIssuer } from '@portcullis/testing';
import type { Algorithm } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trust, verify } from './trust.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer()));
afterAll(() => issuer.stop());

const every: Algorithm[] = [
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
];

describe('the algorithm of a token', () => {
  it.each(every)('may be %s with a key that fits', async (algorithm) => {
    const own = await createTestIssuer();
    const key = await createTestKey(algorithm);
    own.publishKeys([key.publicJwk]);
    const verifier = trust(own);
    expect(await verify(verifier, await own.accessToken({}, { key }))).toMatchObject({ subject: 'user|1' });
    await expect(
      verify(verifier, spoiled.signature(await own.accessToken({}, { key }))),
    ).rejects.toMatchObject({
      code: 'ERR_SIGNATURE_INVALID',
    });
    await own.stop();
  });

  it.each([
    'none',
    'None',
    'nOnE',
    'NONE',
    '',
    ' RS256',
    'rs256',
    'HS256',
    'RS1',
    'ES256K',
    null,
    1,
    ['RS256'],
    undefined,
  ])('is refused as %j', async (alg) => {
    const token = await issuer.accessToken({}, { header: { alg } });
    await expect(verify(trust(issuer), token)).rejects.toMatchObject({
      code: 'ERR_HEADER_REFUSED',
      parameter: 'alg',
    });
  });

  it('is refused as none without a signature', async () => {
    await expect(verify(trust(issuer), spoiled.none(await issuer.accessToken()))).rejects.toMatchObject({
      error: 'invalid_token',
    });
  });

  it('is refused as HS256 keyed with any form of the public key', async () => {
    const { publicKey, publicJwk } = issuer.key;
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const der = publicKey.export({ type: 'spki', format: 'der' });
    for (const secret of [pem, pem.trim(), der, JSON.stringify(publicJwk), publicJwk.n ?? '']) {
      const [head = '', body = ''] = spoiled.header(await issuer.accessToken(), { alg: 'HS256' }).split('.');
      const mac = createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url');
      await expect(verify(trust(issuer), `${head}.${body}.${mac}`)).rejects.toMatchObject({
        code: 'ERR_HEADER_REFUSED',
      });
    }
  });

  it.each(['RS384', 'PS256', 'ES256', 'EdDSA'])(
    'is refused as %s for a key published for RS256',
    async (alg) => {
      const token = await issuer.accessToken({}, { header: { alg } });
      await expect(verify(trust(issuer), token)).rejects.toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
    },
  );

  it('is refused when the options leave it out', async () => {
    const verifier = trust(issuer, { algorithms: ['ES256'] });
    await expect(verify(verifier, await issuer.accessToken())).rejects.toMatchObject({
      code: 'ERR_HEADER_REFUSED',
    });
  });

  it('holds for a key published without alg, whatever its type allows and no more', async () => {
    const own = await createTestIssuer({ algorithm: 'ES256' });
    const { alg: _alg, ...jwk } = own.key.publicJwk;
    own.publishKeys([jwk]);
    const verifier = trust(own);
    expect(await verify(verifier, await own.accessToken())).toBeDefined();
    const swapped = await own.accessToken({}, { header: { alg: 'ES384' } });
    await expect(verify(verifier, swapped)).rejects.toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
    await own.stop();
  });

  it.each<[string, () => Buffer]>([
    ['r = s = 0', () => Buffer.alloc(64)],
    [
      'r = s = n',
      () => Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'.repeat(2), 'hex'),
    ],
    ['63 bytes', () => Buffer.alloc(63, 1)],
    ['65 bytes', () => Buffer.alloc(65, 1)],
  ])('ES256 refuses a signature of %s', async (_case, signature) => {
    const own = await createTestIssuer({ algorithm: 'ES256' });
    const [head = '', body = ''] = (await own.accessToken()).split('.');
    await expect(
      verify(trust(own), `${head}.${body}.${signature().toString('base64url')}`),
    ).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
    await own.stop();
  });

  it('does not let another key sign under a published kid', async () => {
    const stranger = await createTestKey('RS256', { kid: issuer.key.kid });
    await expect(
      verify(trust(issuer), await issuer.accessToken({}, { key: stranger })),
    ).rejects.toMatchObject({
      code: 'ERR_SIGNATURE_INVALID',
    });
  });

  it('does not let claims change after signing', async () => {
    const token = spoiled.claims(await issuer.accessToken(), { sub: 'admin' });
    await expect(verify(trust(issuer), token)).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
  });
});
