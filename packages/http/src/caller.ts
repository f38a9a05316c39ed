import { FrozenSet, type Authentication } from '@portcullis/tokens';
import type { PermissionOrigin, PermissionSet } from '@portcullis/permissions';

export type CallerKind = Authentication['kind'];

export const CALLER_KINDS: readonly CallerKind[] = Object.freeze(['user', 'machine'] as const);

/** The authenticated party of a request: the same immutable object from every door. */
export interface Caller {
  readonly kind: CallerKind;
  readonly issuer: string;
  readonly subject: string;
  readonly client: string | undefined;
  /** How the credential came. */
  readonly via: 'bearer' | 'dpop' | 'mtls' | 'session';
  readonly bindings: readonly string[];
  readonly tokenKind: Authentication['tokenKind'];
  readonly scopes: ReadonlySet<string>;
  readonly permissions: ReadonlySet<string>;
  readonly permissionSources: ReadonlyMap<string, readonly PermissionOrigin[]>;
  /** Permissions that the subject holds and this token was not issued for; they grant nothing. */
  readonly withheldPermissions: ReadonlySet<string>;
  /** When the user last logged in, seconds since the epoch. */
  readonly authTime: number | undefined;
  readonly acr: string | undefined;
  readonly amr: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

const NO_SCOPES: ReadonlySet<string> = new FrozenSet();

export function createCaller(authentication: Authentication, permissions: PermissionSet): Caller {
  return Object.freeze({
    kind: authentication.kind,
    issuer: authentication.issuer,
    subject: authentication.subject,
    client: authentication.client,
    via: 'bearer' as const,
    bindings: NO_BINDINGS,
    tokenKind: authentication.tokenKind,
    scopes: authentication.scopes ?? NO_SCOPES,
    permissions: permissions.names,
    permissionSources: permissions.sources,
    withheldPermissions: permissions.withheld,
    authTime: authentication.authTime,
    acr: authentication.acr,
    amr: authentication.amr,
    claims: authentication.claims,
    expiresAt: authentication.expiresAt,
  });
}

const NO_BINDINGS: readonly string[] = Object.freeze([]);
