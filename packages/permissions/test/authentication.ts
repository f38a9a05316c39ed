import type { Authentication } from '@portcullis/tokens';

type Spoiled = Partial<Omit<Authentication, 'scopes' | 'claimedRoles'>> & {
  readonly scope?: string;
  readonly permissions?: readonly string[];
  readonly roles?: readonly string[];
};

/** A user's authentication through `test-client`, without a `scope` claim; the test spoils one part. */
export function authentication({ scope, permissions, roles, ...spoiled }: Spoiled = {}): Authentication {
  return {
    issuer: 'https://issuer.example/',
    subject: 'user|1',
    client: 'test-client',
    kind: 'user',
    tokenKind: 'access_token',
    binding: undefined,
    scopes: scope === undefined ? undefined : new Set(scope.split(' ').filter((name) => name !== '')),
    claimedPermissions: permissions && new Set(permissions),
    claimedRoles: roles && new Set(roles),
    tokenId: undefined,
    session: undefined,
    grant: undefined,
    claims: {},
    issuedAt: 0,
    expiresAt: 600,
    authTime: undefined,
    acr: undefined,
    amr: [],
    ...spoiled,
  };
}
