import type { Binding } from './binding.ts';
import type { Claims } from './claims.ts';
import { textClaim } from './claims.ts';
import { FrozenSet } from './frozen-set.ts';
import type { IssuerSettings } from './issuers/issuer-settings.ts';
import { isMachine } from './machine.ts';
import { cnf } from './rules/cnf.rule.ts';
import { expiryOf } from './rules/exp.rule.ts';
import { subjectIn } from './rules/sub.rule.ts';

/** Who is calling, as the issuer vouches for it. Deeply frozen. Identity is issuer and subject together. */
export interface Authentication {
  readonly issuer: string;
  readonly subject: string;
  /** The client that the token was issued to; undefined when the token names none. */
  readonly client: string | undefined;
  readonly kind: 'user' | 'machine';
  /** `id_token` only where the options accept those of a first-party client. */
  readonly tokenKind: 'access_token' | 'id_token';
  /** What the token is bound to, and what was therefore enforced for this request. */
  readonly binding: Binding | undefined;
  /** What the client was granted. Undefined when the token says nothing of it at all; empty when it says none. */
  readonly scopes: ReadonlySet<string> | undefined;
  /** What the issuer says the subject may do at this API. Undefined as with `scopes`. Nothing is decided by it alone. */
  readonly claimedPermissions: ReadonlySet<string> | undefined;
  /** What the issuer calls the subject; to be mapped to permissions, never checked. */
  readonly claimedRoles: ReadonlySet<string> | undefined;
  /** `jti` */
  readonly tokenId: string | undefined;
  /** `sid`: the login that the token came from. */
  readonly session: string | undefined;
  /** `gid`: our own provider's record of what was delegated to the client. */
  readonly grant: string | undefined;
  /** The payload, or the introspection answer, as it was sent. Objects in it have no prototype. */
  readonly claims: Claims;
  /** Seconds since the epoch. */
  readonly issuedAt: number | undefined;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  /** Seconds since the epoch. May lie in the future: whoever asks for a recent login must look. */
  readonly authTime: number | undefined;
  readonly acr: string | undefined;
  readonly amr: readonly string[];
}

const NO_TEXTS: readonly string[] = Object.freeze([]);

/** @param claims frozen, and such that every claim rule has passed */
export function authenticationFrom(
  claims: Claims,
  tokenKind: Authentication['tokenKind'],
  settings: IssuerSettings,
): Authentication {
  const isIdToken = tokenKind === 'id_token';
  const client = isIdToken ? undefined : settings.clientOf(claims);
  const subject = subjectIn(claims, client);
  return Object.freeze({
    issuer: settings.issuer,
    subject,
    client,
    kind: !isIdToken && isMachine(claims, subject, client, settings.preset.machineSigns) ? 'machine' : 'user',
    tokenKind,
    binding: cnf(claims),
    scopes: isIdToken ? NO_NAMES : setOf(settings.scopesOf(claims)),
    claimedPermissions: isIdToken ? NO_NAMES : setOf(settings.permissionsOf(claims)),
    claimedRoles: isIdToken ? NO_NAMES : setOf(settings.rolesOf(claims)),
    tokenId: textClaim(claims, 'jti'),
    session: textClaim(claims, 'sid'),
    grant: textClaim(claims, 'gid'),
    claims,
    issuedAt: seconds(claims['iat']),
    expiresAt: expiryOf(claims),
    authTime: seconds(claims['auth_time']),
    acr: textClaim(claims, 'acr'),
    amr: texts(claims['amr']),
  });
}

const NO_NAMES: ReadonlySet<string> = new FrozenSet();

function setOf(names: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return names === undefined ? undefined : new FrozenSet(names);
}

function seconds(claim: unknown): number | undefined {
  return typeof claim === 'number' ? claim : undefined;
}

function texts(claim: unknown): readonly string[] {
  if (!Array.isArray(claim)) return NO_TEXTS;
  return Object.freeze(claim.filter((member): member is string => typeof member === 'string'));
}
