import type { Authentication } from '@portcullis/tokens';

type Spoiled = Partial<Omit<Authentication, 'scopes'>> & { readonly scope?: string };

/** A user's authentication through `test-client`, without a `scope` claim; the test spoils one part. */
export function authentication({ scope, ...spoiled }: Spoiled = {}): Authentication {
  return {
    issuer: 'https://issuer.example/',
    subject: 'user|1',
    client: 'test-client',
    kind: 'user',
    tokenKind: 'access_token',
    binding: undefined,
    scopes: scope === undefined ? undefined : new Set(scope.split(' ').filter((name) => name !== '')),
    claims: {},
    issuedAt: 0,
    expiresAt: 600,
    authTime: undefined,
    acr: undefined,
    amr: [],
    ...spoiled,
  };
}
