import { sign } from 'node:crypto';
import { createTestIssuer, createTestKey, type TestIssuer, type TestKey } from '@portcullis/testing';
import type { Algorithm } from '@portcullis/tokens';

/** A token as it arrives, and as the bare primitives like it best. */
export interface MintedToken {
  /** The Authorization header's bytes. */
  readonly header: Buffer;
  readonly signingInput: Buffer;
  /** As JOSE has it: for ES256 that is r and s (RFC 7518, 3.4). */
  readonly signature: Buffer;
  /** As OpenSSL has it: for ES256 that is DER, and another signature of the same input. */
  readonly nativeSignature: Buffer;
}

export interface Trial {
  readonly issuer: TestIssuer;
  readonly algorithm: 'RS256' | 'PS256' | 'ES256' | 'EdDSA';
  readonly key: TestKey;
  readonly tokens: readonly MintedToken[];
}

/** An issuer on loopback and so many tokens of its, all different. */
export async function withTrial(
  algorithm: Trial['algorithm'],
  count: number,
  measure: (trial: Trial) => Promise<void>,
): Promise<void> {
  const issuer = await createTestIssuer();
  try {
    const key = await createTestKey(algorithm satisfies Algorithm);
    issuer.publishKeys([key.publicJwk]);
    const tokens: MintedToken[] = [];
    while (tokens.length < count) tokens.push(minted(await accessToken(issuer, key, tokens.length), key));
    await measure({ issuer, algorithm, key, tokens });
  } finally {
    await issuer.stop();
  }
}

/**
 * The token as a new string. A string that is used again has its hash cached: no server sees the same
 * string object twice, and a measurement with one would flatter every map.
 */
export function received({ header }: MintedToken): string {
  return header.toString('latin1').slice('Bearer '.length);
}

/** With RS256 about 1 kB: what issuers send to an API with roles. */
function accessToken(issuer: TestIssuer, key: TestKey, number: number): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    sub: `auth0|${number.toString(16).padStart(24, '0')}`,
    client_id: 'Qm9xYmVuY2hDbGllbnRJZDAwMDE',
    exp: now + 3600,
    auth_time: now - 60,
    sid: `session-${number.toString(16).padStart(24, '0')}`,
    acr: 'urn:example:password',
    amr: ['pwd', 'otp'],
    scope: 'openid profile email read:items create:items update:items delete:items',
    permissions: ['read:items', 'create:items', 'update:items', 'delete:items'],
    org_id: 'org_8Zs0pXqLwYtR3v1N',
  };
  return issuer.accessToken(claims, { key });
}

function minted(token: string, { algorithm, privateKey }: TestKey): MintedToken {
  const dot = token.lastIndexOf('.');
  const signingInput = Buffer.from(token.slice(0, dot));
  const signature = Buffer.from(token.slice(dot + 1), 'base64url');
  return {
    header: Buffer.from(`Bearer ${token}`),
    signingInput,
    signature,
    nativeSignature: algorithm === 'ES256' ? sign('sha256', signingInput, privateKey) : signature,
  };
}
