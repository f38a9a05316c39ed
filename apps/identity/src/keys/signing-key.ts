import {
  calculateJwkThumbprint,
  compactDecrypt,
  CompactEncrypt,
  exportJWK,
  generateKeyPair,
  type JWK,
} from 'jose';

/** A private RSA key as a JWK; the public one is what `publicKey` makes of it. */
export interface SigningKey extends JWK {
  readonly kid: string;
}

/** A key as the database keeps it. */
export interface SealedKey {
  readonly kid: string;
  readonly privateJwe: string;
  readonly publicJwk: JWK;
}

/** Makes a key, sealed. Takes a moment: not to be done inside a transaction. */
export async function generateSigningKey(encryptionKey: Uint8Array): Promise<SealedKey> {
  const pair = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
  const kid = await calculateJwkThumbprint(await exportJWK(pair.publicKey));
  const key = { ...(await exportJWK(pair.privateKey)), kid, use: 'sig', alg: 'RS256' };
  return { kid, privateJwe: await seal(key, encryptionKey), publicJwk: publicKey(key) };
}

export async function seal(key: SigningKey, encryptionKey: Uint8Array): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(key)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: key.kid })
    .encrypt(encryptionKey);
}

/** Undefined when another secret sealed it. */
export async function unseal(
  { kid, privateJwe }: SealedKey,
  encryptionKey: Uint8Array,
): Promise<SigningKey | undefined> {
  try {
    const { plaintext } = await compactDecrypt(privateJwe, encryptionKey);
    return { ...(JSON.parse(new TextDecoder().decode(plaintext)) as JWK), kid };
  } catch {
    return undefined;
  }
}

/** The same key without what must stay secret. */
export function publicKey({ kty, n, e, kid, use, alg }: JWK): JWK {
  return { kty, n, e, kid, use, alg } as JWK;
}
