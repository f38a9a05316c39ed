import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, decodeJwt, EmbeddedJWK, errors, jwtVerify, type JWTPayload } from 'jose';
import { createDpopClient, createTestKey } from '@portcullis/testing';
import { describe, expect, it } from 'vitest';
import { started } from './started.ts';

const request = { method: 'POST', url: 'https://api.example/items' };

async function verified(proof: string): Promise<JWTPayload> {
  const { payload } = await jwtVerify(proof, EmbeddedJWK, {
    typ: 'dpop+jwt',
    maxTokenAge: 5,
    requiredClaims: ['jti', 'htm', 'htu', 'iat'], // RFC 9449 4.2
  });
  return payload;
}

describe.each(['ES256', 'ES384', 'PS256', 'RS256', 'EdDSA', 'Ed25519'] as const)(
  'a DPoP client by %s',
  (algorithm) => {
    it('makes proofs that another library verifies by the key inside, which is public', async () => {
      const client = await createDpopClient({ algorithm });
      const { protectedHeader, payload } = await jwtVerify(client.proof(request), EmbeddedJWK, {
        typ: 'dpop+jwt',
      });
      const { jwk = {} } = protectedHeader;
      expect(protectedHeader.alg).toBe(algorithm);
      expect(await calculateJwkThumbprint(jwk)).toBe(client.jkt);
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(jwk).not.toHaveProperty(secret);
      expect(payload).toEqual({
        jti: expect.any(String),
        htm: 'POST',
        htu: 'https://api.example/items',
        iat: expect.any(Number),
      });
    });
  },
);

describe('a DPoP proof', () => {
  it('names the URL without query and fragment', async () => {
    const client = await createDpopClient();
    for (const behind of ['?a=1', '#b', '?a=1#b', '?\n']) {
      const { htu } = await verified(client.proof({ ...request, url: `${request.url}${behind}` }));
      expect(htu).toBe(request.url);
    }
  });

  it('goes with one token, by its hash', async () => {
    const client = await createDpopClient();
    const token = await (await started()).accessToken({ cnf: { jkt: client.jkt } });
    const { ath } = await verified(client.proof({ ...request, token }));
    expect(ath).toBe(createHash('sha256').update(token, 'ascii').digest('base64url'));
    expect(decodeJwt(token)).toMatchObject({ cnf: { jkt: client.jkt } });
  });

  it('is another one each time', async () => {
    const client = await createDpopClient();
    const ids = Array.from({ length: 20 }, () => decodeJwt(client.proof(request)).jti);
    expect(new Set(ids).size).toBe(20);
  });

  it('leaves out what is undefined, takes what is given, and stays truly signed', async () => {
    const client = await createDpopClient();
    const proof = client.proof({
      ...request,
      token: 'a',
      nonce: 'n',
      iat: undefined,
      jti: 'j',
      claims: { ath: undefined, htm: ['POST'] },
      header: { typ: 'jwt', x: 1 },
    });
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK);
    expect(payload).toEqual({ htm: ['POST'], htu: request.url, nonce: 'n', jti: 'j' });
    expect(protectedHeader).toMatchObject({ typ: 'jwt', x: 1 });
  });

  it('signed by another key does not verify by the one it names', async () => {
    const client = await createDpopClient();
    const foreign = client.proof({ ...request, signWith: await createTestKey('ES256') });
    await expect(verified(foreign)).rejects.toBeInstanceOf(errors.JWSSignatureVerificationFailed);
    await expect(verified(client.proof(request))).resolves.toBeDefined();
  });
});
