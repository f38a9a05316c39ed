import * as fc from 'fast-check';
import { signRaw, type TestIssuer } from '@portcullis/testing';
import { CredentialError, type Credential, type Verifier } from '@portcullis/tokens';

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const part = fc.oneof(
  bytes.map((b) => b.toString('base64url')),
  fc.json().map((json) => Buffer.from(json).toString('base64url')),
  fc.string({ unit: 'binary', maxLength: 50 }),
);

/** What a client might send as its token: text, bytes, parts of a token, anything. */
const anything: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  bytes.map((b) => b.toString('latin1')),
  bytes.map((b) => b.toString('utf8')),
  fc.array(part, { maxLength: 6 }).map((parts) => parts.join('.')),
);

/** What nobody should pass, and callers without types do. */
const noText = fc.anything().filter((value) => typeof value !== 'string');

const claimNames = (
  'iss sub aud exp nbf iat jti client_id azp scope auth_time acr amr cnf events nonce at_hash typ token_use sid ' +
  'permissions roles gty __proto__'
).split(' ');
const headerNames = 'alg typ kid crit b64 zip enc jwk jku x5u x5c cty __proto__'.split(' ');

const members = (names: readonly string[]): fc.Arbitrary<[string, unknown][]> =>
  fc.array(
    fc.tuple(
      fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: fc.string() }),
      fc.oneof(
        fc.jsonValue({ maxDepth: 3 }),
        fc.constantFrom(1e300, -1, 0, '', ' ', [], {}, null, [[]], { jkt: 1 }),
      ),
    ),
    { maxLength: 3 },
  );

async function isJudged(verifier: Verifier, token: string): Promise<boolean> {
  try {
    const { subject } = await verifier.verify({ scheme: 'bearer', token });
    return subject !== '';
  } catch (error) {
    if (error instanceof CredentialError) return true;
    throw error;
  }
}

/** No text at all makes the reader fail in a way of its own. */
export function anyTextIsJudged(verifier: Verifier): fc.IAsyncPropertyWithHooks<[string]> {
  return fc.asyncProperty(anything, (token) => isJudged(verifier, token));
}

/** Nor does what is no text. */
export function anyValueIsRefused(verifier: Verifier): fc.IAsyncPropertyWithHooks<[unknown]> {
  return fc.asyncProperty(noText, async (value) => {
    const credential: Credential = Object.assign({ scheme: 'bearer' as const, token: '' }, { token: value });
    try {
      await verifier.verify(credential);
    } catch (error) {
      if (error instanceof CredentialError) return;
      throw error;
    }
    throw new Error('accepted');
  });
}

/** Nor does what somebody signs who can: odd headers and claims, and bytes that are no JSON. */
export function anySignedContentIsJudged(
  verifier: Verifier,
  issuer: TestIssuer,
): fc.IAsyncPropertyWithHooks<[[string, unknown][], [string, unknown][], Buffer | undefined]> {
  const payload = fc.option(bytes, { nil: undefined });
  return fc.asyncProperty(members(headerNames), members(claimNames), payload, async (header, claims, raw) => {
    const parameters: Record<string, unknown> = { alg: issuer.key.algorithm, kid: issuer.key.kid };
    const now = Math.floor(Date.now() / 1000);
    const good: Record<string, unknown> = {
      iss: issuer.issuer,
      sub: 'user|1',
      aud: issuer.audience,
      exp: now + 600,
    };
    const text = (base: Record<string, unknown>, changes: [string, unknown][]): string =>
      JSON.stringify(Object.fromEntries([...Object.entries(base), ...changes]));
    return isJudged(verifier, signRaw(text(parameters, header), raw ?? text(good, claims), issuer.key));
  });
}
