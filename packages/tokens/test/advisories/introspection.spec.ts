import { createTestIssuer, spoiled, type TestIssuer } from '@portcullis/testing';
import { createVerifier, type Verifier } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { trust, verify } from '../trust.ts';
import { introspectionEndpoint, type IntrospectionEndpoint } from './introspection-endpoint.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

let offset = 0;
const now = (): number => Date.now() + offset;
const seconds = (): number => Math.floor(now() / 1000);
const claims = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  iss: issuer.issuer,
  sub: 'user|1',
  aud: issuer.audience,
  client_id: 'c',
  exp: seconds() + 60,
  scope: 'read',
  ...changes,
});

function introspecting(
  endpoint: IntrospectionEndpoint,
  tokenFormat: 'opaque' | 'both' = 'opaque',
  options: Parameters<typeof trust>[1] = {},
): Verifier {
  offset = 0;
  return trust(issuer, { tokenFormat, introspection: endpoint.options, now, ...options });
}

describe('GHSA-qvp4-rpmr-xwrr, CVE-2021-32701, heimdall #3452', () => {
  it('an answer that is remembered is checked as one that was just given', async () => {
    const endpoint = await introspectionEndpoint();
    const verifier = introspecting(endpoint);
    endpoint.known.set('opaque', claims({ exp: seconds() + 10 }));
    expect([...((await verify(verifier, 'opaque')).scopes ?? [])]).toEqual(['read']);
    expect([...((await verify(verifier, 'opaque')).scopes ?? [])]).toEqual(['read']);
    expect(endpoint.asked).toEqual(['opaque']);
    await expect(async () => verifier.verify({ scheme: 'dpop', token: 'opaque' })).rejects.toMatchObject({
      code: 'ERR_BINDING_REFUSED',
    });
    offset = 16_000; // past exp and its tolerance, not past what may be remembered
    await expect(verify(verifier, 'opaque')).rejects.toMatchObject({ code: 'ERR_TOKEN_EXPIRED' });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['another API', { aud: 'https://other.example' }, 'ERR_AUDIENCE_MISMATCH'],
    ['no API', { aud: undefined }, 'ERR_CLAIM_INVALID'],
    ['another issuer', { iss: 'https://evil.example/' }, 'ERR_TOKEN_UNTRUSTED'],
    ['the past', { exp: 1 }, 'ERR_TOKEN_EXPIRED'],
    ['no time at all', { exp: undefined }, 'ERR_CLAIM_INVALID'],
    ['the future', { nbf: 9_999_999_999 }, 'ERR_TOKEN_NOT_YET_VALID'],
    ['a key', { cnf: { jkt: 'A'.repeat(43) } }, 'ERR_BINDING_REFUSED'],
  ])('an active token that is for %s is refused, asked about or remembered', async (_name, changes, code) => {
    const endpoint = await introspectionEndpoint();
    const verifier = introspecting(endpoint);
    endpoint.known.set('good', claims()).set('odd', claims(changes));
    expect(await verify(verifier, 'good')).toMatchObject({ subject: 'user|1' });
    for (let round = 0; round < 3; round++) {
      await expect(verify(verifier, 'odd')).rejects.toMatchObject({ code });
    }
  });
});

describe('CVE-2026-33496, quarkus #56322', () => {
  it('one token at two endpoints has two answers', async () => {
    const [one, other] = [await introspectionEndpoint(), await introspectionEndpoint()];
    const [ofOne, ofOther] = [introspecting(one), introspecting(other)];
    one.known.set('opaque', claims({ sub: 'alice' }));
    for (let round = 0; round < 3; round++) {
      expect(await verify(ofOne, 'opaque')).toMatchObject({ subject: 'alice' });
      await expect(verify(ofOther, 'opaque')).rejects.toMatchObject({ code: 'ERR_TOKEN_INACTIVE' });
    }
    other.known.set('opaque', claims({ sub: 'bob' }));
    expect(await verify(ofOther, 'opaque')).toMatchObject({ subject: 'bob' });
    expect(await verify(ofOne, 'opaque')).toMatchObject({ subject: 'alice' });
    expect(one.asked).toEqual(['opaque']);
  });

  it('and is shown to no endpoint but that of its own issuer', async () => {
    const endpoint = await introspectionEndpoint();
    const elsewhere = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => elsewhere.stop());
    const verifier = createVerifier({
      issuer: [
        { issuer: issuer.issuer, tokenFormat: 'both', introspection: endpoint.options },
        { issuer: elsewhere.issuer },
      ],
      audience: issuer.audience,
    });
    onTestFinished(() => verifier.close());
    expect(await verify(verifier, await elsewhere.accessToken())).toMatchObject({ issuer: elsewhere.issuer });
    const forged = spoiled.signature(await elsewhere.accessToken());
    await expect(verify(verifier, forged)).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
    expect(endpoint.asked).toEqual([]);
    const options = { tokenFormat: 'opaque', introspection: endpoint.options } as const;
    expect(() =>
      createVerifier({
        issuer: [
          { issuer: issuer.issuer, ...options },
          { issuer: elsewhere.issuer, ...options },
        ],
        audience: issuer.audience,
      }),
    ).toThrow(TypeError);
  });
});

describe('a JWT that fails', () => {
  it('gets no second chance by introspection', async () => {
    const endpoint = await introspectionEndpoint();
    const verifier = introspecting(endpoint, 'both');
    const good = await issuer.accessToken();
    expect(await verify(verifier, good)).toMatchObject({ subject: 'user|1' });
    endpoint.known.set('opaque', claims({ sub: 'user|2' }));
    expect(await verify(verifier, 'opaque')).toMatchObject({ subject: 'user|2' });
    const failing = [
      spoiled.signature(good),
      spoiled.unsigned(good),
      spoiled.none(good),
      await issuer.accessToken({ exp: 1 }),
      await issuer.accessToken({ iss: 'https://evil.example/' }),
      `${good}.`,
      `${good} `,
      'eyJ',
    ];
    for (const token of failing) {
      endpoint.known.set(token, claims());
      await expect(verify(verifier, token)).rejects.toMatchObject({ error: 'invalid_token' });
    }
    expect(endpoint.asked).toEqual(['opaque']);
  });
});
