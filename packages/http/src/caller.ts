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
    ...BINDINGS[bound(authentication.binding)],
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

type Bound = 'unbound' | 'jkt' | 'x5t' | 'both';

/** By what was enforced. A token bound both ways came under the DPoP scheme. */
const BINDINGS: Readonly<Record<Bound, Pick<Caller, 'via' | 'bindings'>>> = {
  unbound: { via: 'bearer', bindings: Object.freeze([]) },
  jkt: { via: 'dpop', bindings: Object.freeze(['dpop']) },
  x5t: { via: 'mtls', bindings: Object.freeze(['mtls']) },
  both: { via: 'dpop', bindings: Object.freeze(['dpop', 'mtls']) },
};

function bound(binding: Authentication['binding']): Bound {
  if (binding === undefined) return 'unbound';
  if (binding.jkt === undefined) return 'x5t';
  return binding.x5tS256 === undefined ? 'jkt' : 'both';
}
