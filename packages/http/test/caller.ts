import type { Caller } from '@portcullis/http';

/** A user who logged in at second 1000 and may read and create; the test spoils one part. */
export function caller(spoiled: Partial<Caller> = {}): Caller {
  return {
    kind: 'user',
    issuer: 'https://issuer.example/',
    subject: 'user|1',
    client: 'test-client',
    via: 'bearer',
    bindings: [],
    tokenKind: 'access_token',
    scopes: new Set(['read:items', 'create:items']),
    permissions: new Set(['read:items', 'create:items']),
    permissionSources: new Map(),
    withheldPermissions: new Set(),
    authTime: 1000,
    acr: undefined,
    amr: [],
    claims: {},
    expiresAt: 2000,
    ...spoiled,
  };
}
