/** The JWS algorithms that a verifier may be told to accept: asymmetric ones only (RFC 8725 3.1). */
export type Algorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519';

interface KeyShape {
  readonly kty: 'RSA' | 'EC' | 'OKP';
  readonly crv?: string;
}

/** What a key must be to serve an algorithm (RFC 7518 3.1, RFC 8037 3.1, RFC 9864 2). */
const shapes: ReadonlyMap<string, KeyShape> = new Map<Algorithm, KeyShape>([
  ['RS256', { kty: 'RSA' }],
  ['RS384', { kty: 'RSA' }],
  ['RS512', { kty: 'RSA' }],
  ['PS256', { kty: 'RSA' }],
  ['PS384', { kty: 'RSA' }],
  ['PS512', { kty: 'RSA' }],
  ['ES256', { kty: 'EC', crv: 'P-256' }],
  ['ES384', { kty: 'EC', crv: 'P-384' }],
  ['ES512', { kty: 'EC', crv: 'P-521' }],
  ['EdDSA', { kty: 'OKP', crv: 'Ed25519' }],
  ['Ed25519', { kty: 'OKP', crv: 'Ed25519' }],
]);

export function isAlgorithm(name: unknown): name is Algorithm {
  return typeof name === 'string' && shapes.has(name);
}

export const allAlgorithms: readonly Algorithm[] = [...shapes.keys()].filter(isAlgorithm);

/** The algorithms that a key of this type and curve can serve; none for a type that we do not know. */
export function algorithmsOf(kty: unknown, crv: unknown): readonly Algorithm[] {
  return allAlgorithms.filter((algorithm) => {
    const shape = shapes.get(algorithm);
    return shape?.kty === kty && (shape?.crv === undefined || shape.crv === crv);
  });
}
