import { hash } from 'node:crypto';

/** The members of a public JWK that make the key (RFC 7638 3.2, RFC 8037 2), and none besides. */
export type ProofKey =
  | { readonly kty: 'EC'; readonly crv: string; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: string; readonly x: string }
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string };

/** The key's SHA-256 thumbprint in base64url (RFC 7638 3). */
export function thumbprintOf(key: ProofKey): string {
  return hash('sha256', canonical(key), 'base64url');
}

/** RFC 7638 3.3: members in the order of their names. */
function canonical(key: ProofKey): string {
  const { kty } = key;
  switch (kty) {
    case 'EC':
      return JSON.stringify({ crv: key.crv, kty, x: key.x, y: key.y });
    case 'OKP':
      return JSON.stringify({ crv: key.crv, kty, x: key.x });
    case 'RSA':
      return JSON.stringify({ e: key.e, kty, n: key.n });
  }
}
