import type { TestIssuer } from '@portcullis/testing';
import { createVerifier, type IssuerOptions, type Verifier } from '@portcullis/tokens';
import { describe, expect, it, onTestFinished } from 'vitest';
import { verify } from '../trust.ts';
import { askedBySecret, issuing } from './asking.ts';

interface Pair {
  readonly asked: TestIssuer;
  readonly read: TestIssuer;
  readonly verifier: Verifier;
}

/** One issuer that is asked about its tokens, beside one whose tokens are read. */
async function pair(tokenFormat: 'opaque' | 'both'): Promise<Pair> {
  const [asked, read] = [await issuing(), await issuing()];
  const verifier = trusting(asked, [
    { issuer: read.issuer },
    { issuer: asked.issuer, tokenFormat, introspection: askedBySecret(asked) },
  ]);
  return { asked, read, verifier };
}

function trusting({ audience }: TestIssuer, issuer: readonly (string | IssuerOptions)[]): Verifier {
  const verifier = createVerifier({ issuer, audience });
  onTestFinished(() => verifier.close());
  return verifier;
}

describe('an issuer that is asked, beside one whose tokens are read', () => {
  it('is asked about a JWT that names it', async () => {
    const { asked, read, verifier } = await pair('opaque');
    const token = await asked.accessToken();
    expect(await verify(verifier, token)).toMatchObject({ issuer: asked.issuer });
    expect(asked.visits).toMatchObject({ keys: 0, introspection: 1 });
    const revoked = await asked.accessToken();
    asked.revoke(revoked);
    await expect(verify(verifier, revoked)).rejects.toMatchObject({ code: 'ERR_TOKEN_INACTIVE' });
    expect(read.visits.introspection).toBe(0);
  });

  it('is asked about a token that names nobody, and nobody else is', async () => {
    const { asked, read, verifier } = await pair('opaque');
    expect(await verify(verifier, asked.opaqueToken())).toMatchObject({ issuer: asked.issuer });
    await expect(verify(verifier, read.opaqueToken())).rejects.toMatchObject({ code: 'ERR_TOKEN_INACTIVE' });
    expect(asked.visits.introspection).toBe(2);
    expect(read.visits.introspection).toBe(0);
  });

  it('is not asked about a JWT of the other', async () => {
    const { asked, read, verifier } = await pair('opaque');
    expect(await verify(verifier, await read.accessToken())).toMatchObject({ issuer: read.issuer });
    await expect(verify(verifier, await read.accessToken({ exp: 1 }))).rejects.toMatchObject({
      code: 'ERR_TOKEN_EXPIRED',
    });
    expect(asked.visits.introspection).toBe(0);
  });

  it('cannot speak for the other, nor be spoken for by it', async () => {
    const { asked, read, verifier } = await pair('opaque');
    const ofOther = asked.opaqueToken({ iss: read.issuer });
    await expect(verify(verifier, ofOther)).rejects.toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
    const claimed = await read.accessToken({ iss: asked.issuer });
    await expect(verify(verifier, claimed)).rejects.toMatchObject({ code: 'ERR_TOKEN_INACTIVE' });
    const pretended = await asked.accessToken({ iss: read.issuer }, { header: { kid: read.key.kid } });
    await expect(verify(verifier, pretended)).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
    expect(await verify(verifier, asked.opaqueToken())).toMatchObject({ issuer: asked.issuer });
  });

  it('with the format both has its JWTs read and the others asked about', async () => {
    const { asked, read, verifier } = await pair('both');
    expect(await verify(verifier, await asked.accessToken())).toMatchObject({ issuer: asked.issuer });
    expect(asked.visits.introspection).toBe(0);
    expect(await verify(verifier, asked.opaqueToken())).toMatchObject({ issuer: asked.issuer });
    expect(asked.visits.introspection).toBe(1);
    expect(await verify(verifier, await read.accessToken())).toMatchObject({ issuer: read.issuer });
  });
});

describe('two issuers that are both asked', () => {
  const formats = [
    ['opaque', 'opaque'],
    ['opaque', 'both'],
    ['both', 'both'],
  ] as const;

  it.each(formats)('are refused at the start as %s and %s, and nobody is visited', async (first, second) => {
    const [one, other] = [await issuing(), await issuing()];
    const both = [
      { issuer: one.issuer, tokenFormat: first, introspection: askedBySecret(one) },
      { issuer: other.issuer, tokenFormat: second, introspection: askedBySecret(other) },
    ];
    expect(() => trusting(one, both)).toThrow(TypeError);
    expect(() => trusting(one, both)).toThrow(/"tokenFormat" opaque or both goes with one issuer/);
    for (const alone of both) {
      const verifier = trusting(one, [alone]);
      await verifier.ready();
      verifier.close();
    }
    // What was refused had not begun to fetch keys.
    const begun = (format: string): number => (format === 'both' ? 1 : 0);
    expect(one.visits.keys).toBe(begun(first));
    expect(other.visits.keys).toBe(begun(second));
  });
});

describe('issuers that a function answers for', () => {
  it('may be asked about JWTs that name them, and never about what names nobody', async () => {
    const issuer = await issuing();
    const verifier = createVerifier({
      issuer: (named) => ({ issuer: named, tokenFormat: 'opaque', introspection: askedBySecret(issuer) }),
      audience: issuer.audience,
    });
    onTestFinished(() => verifier.close());
    expect(await verify(verifier, await issuer.accessToken())).toMatchObject({ issuer: issuer.issuer });
    expect(issuer.visits).toMatchObject({ keys: 0, introspection: 1 });
    await expect(verify(verifier, issuer.opaqueToken())).rejects.toMatchObject({
      code: 'ERR_TOKEN_MALFORMED',
    });
    expect(issuer.visits.introspection).toBe(1);
  });
});
