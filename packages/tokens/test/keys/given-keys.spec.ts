import {
  createInProcessIssuer,
  createTestIssuer,
  createTestKey,
  type InProcessIssuer,
} from '@portcullis/testing';
import { createVerifier, type JwkSet, type Verifier, type VerifierOptions } from '@portcullis/tokens';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { trust, verify } from '../trust.ts';

let issuer: InProcessIssuer;
beforeAll(async () => void (issuer = await createInProcessIssuer()));

function given(options: Partial<VerifierOptions> = {}): Verifier {
  const verifier = createVerifier({
    issuer: issuer.issuer,
    audience: issuer.audience,
    jwks: issuer.jwks,
    ...options,
  });
  onTestFinished(() => verifier.close());
  return verifier;
}

describe('a key set that is given', () => {
  it('verifies from the first moment, in production too', async () => {
    const verifier = given({ production: true });
    expect(verifier.isReady()).toBe(true);
    await verifier.ready();
    const { subject, issuer: by } = await verify(verifier, await issuer.accessToken());
    expect({ subject, by }).toEqual({ subject: 'user|1', by: issuer.issuer });
  });

  it('is never asked for anew: neither for a key that is not in it nor after a purge', async () => {
    const fetched = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => fetched.stop());
    const verifier = trust(fetched, { jwks: { keys: [fetched.key.publicJwk] } });
    const old = await fetched.accessToken();
    await fetched.rotateKeys();
    await expect(verify(verifier, await fetched.accessToken())).rejects.toMatchObject({
      code: 'ERR_TOKEN_UNTRUSTED',
    });
    await verifier.reloadKeys();
    await expect(verify(verifier, old)).resolves.toMatchObject({ subject: 'user|1' });
    expect(fetched.visits).toMatchObject({ discovery: 0, keys: 0 });
  });

  it('that a function gives is followed: a new key at once, and a withdrawn one is refused at once', async () => {
    const next = await createTestKey('ES256');
    let jwks: JwkSet = issuer.jwks;
    const verifier = given({ jwks: () => jwks });
    const [old, fresh] = [await issuer.accessToken(), await issuer.accessToken({}, { key: next })];
    await expect(verify(verifier, old)).resolves.toMatchObject({ subject: 'user|1' });
    await expect(verify(verifier, fresh)).rejects.toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
    jwks = { keys: [next.publicJwk, ...issuer.jwks.keys] };
    await expect(verify(verifier, fresh)).resolves.toMatchObject({ subject: 'user|1' });
    await expect(verify(verifier, old)).resolves.toMatchObject({ subject: 'user|1' });
    jwks = { keys: [next.publicJwk] };
    await expect(verify(verifier, old)).rejects.toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
    jwks = { keys: [] };
    await expect(verify(verifier, fresh)).rejects.toMatchObject({ code: 'ERR_ISSUER_UNAVAILABLE' });
  });

  it('trusts no other key, whatever name it goes by', async () => {
    const forger = await createTestKey('ES256', { kid: issuer.key.kid });
    const verifier = given();
    const forged = await issuer.accessToken({}, { key: forger });
    await expect(verify(verifier, forged)).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
    const nameless = await issuer.accessToken({}, { key: forger, header: { kid: undefined } });
    await expect(verify(verifier, nameless)).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
  });

  it('is one issuer’s own: others are fetched as ever', async () => {
    const fetched = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => fetched.stop());
    const verifier = createVerifier({
      issuer: [{ issuer: issuer.issuer, jwks: issuer.jwks }, fetched.issuer],
      audience: issuer.audience,
    });
    onTestFinished(() => verifier.close());
    await expect(verify(verifier, await issuer.accessToken())).resolves.toMatchObject({
      issuer: issuer.issuer,
    });
    await expect(verify(verifier, await fetched.accessToken())).resolves.toMatchObject({
      issuer: fetched.issuer,
    });
    const crossed = await fetched.accessToken({ iss: issuer.issuer });
    await expect(verify(verifier, crossed)).rejects.toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
  });

  it.each<[string, RegExp, () => Partial<VerifierOptions>]>([
    ['no keys', /"jwks" has no usable key/, () => ({ jwks: { keys: [] } })],
    ['no list', /"jwks" has no list of keys/, () => ({ jwks: {} as JwkSet })],
    ['nothing', /"jwks" must be a key set/, () => ({ jwks: null as unknown as JwkSet })],
    [
      'a private key',
      /"jwks" holds a private key/,
      () => ({ jwks: { keys: [issuer.key.privateKey.export({ format: 'jwk' })] } }),
    ],
    [
      'a secret',
      /"jwks" holds a private key or a secret/,
      () => ({ jwks: { keys: [{ kty: 'oct', k: 'c2' }] } }),
    ],
    ['an address too', /"jwks" and "jwksUri"/, () => ({ jwksUri: 'https://issuer.example/jwks' })],
    [
      'opaque tokens alone',
      /"jwks" goes with the tokenFormat/,
      () => ({
        tokenFormat: 'opaque',
        introspection: { authentication: { clientId: 'api', clientSecret: 'secret' } },
      }),
    ],
  ])('is refused where it could not be meant: %s', (_case, message, options) => {
    expect(() => given(options())).toThrow(TypeError);
    expect(() => given(options())).toThrow(message);
  });
});
