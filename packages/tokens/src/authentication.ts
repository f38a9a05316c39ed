import type { Binding } from './binding.ts';
import { sealed, textClaim, type Claims } from './claims.ts';
import { FrozenSet } from './frozen-set.ts';
import { Interned } from './interned.ts';
import type { IssuerSettings } from './issuers/issuer-settings.ts';
import type { NameReader } from './presets/claim-names.ts';
import { isMachine } from './machine.ts';
import { cnf } from './rules/cnf.rule.ts';
import { expiryOf } from './rules/exp.rule.ts';
import { idTokenEnd } from './rules/first-party-id-token.rule.ts';
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
  /** Seconds since the epoch: the token's `exp`, or earlier for an ID token, which is good for ten minutes. */
  readonly expiresAt: number;
  /** Seconds since the epoch. May lie in the future: whoever asks for a recent login must look. */
  readonly authTime: number | undefined;
  readonly acr: string | undefined;
  readonly amr: readonly string[];
}

/** @param claims such that every claim rule has passed */
export function authenticationFrom(
  claims: Claims,
  tokenKind: Authentication['tokenKind'],
  settings: IssuerSettings,
): Authentication {
  return new TokenAuthentication(claims, tokenKind, settings);
}

/** Most tokens name the same scopes and permissions as others do. */
const sets = new Interned<ReadonlySet<string>>();
const NONE: readonly string[] = Object.freeze([]);

/** What a check needs is there; sets and lists are made when somebody asks for them, once. */
class TokenAuthentication implements Authentication {
  readonly issuer: string;
  readonly subject: string;
  readonly client: string | undefined;
  readonly kind: Authentication['kind'];
  readonly tokenKind: Authentication['tokenKind'];
  readonly binding: Binding | undefined;
  readonly tokenId: string | undefined;
  readonly session: string | undefined;
  readonly grant: string | undefined;
  readonly issuedAt: number | undefined;
  readonly expiresAt: number;
  readonly authTime: number | undefined;
  readonly acr: string | undefined;
  readonly #claims: Claims;
  readonly #settings: IssuerSettings;
  #scopes: ReadonlySet<string> | undefined;
  #permissions: ReadonlySet<string> | undefined;
  #roles: ReadonlySet<string> | undefined;
  #amr: readonly string[] | undefined;

  constructor(claims: Claims, tokenKind: Authentication['tokenKind'], settings: IssuerSettings) {
    const isIdToken = tokenKind === 'id_token';
    const client = isIdToken ? undefined : settings.clientOf(claims);
    const subject = subjectIn(claims, client);
    const { machineSigns } = settings.preset;
    this.issuer = settings.issuer;
    this.subject = subject;
    this.client = client;
    this.kind = !isIdToken && isMachine(claims, subject, client, machineSigns) ? 'machine' : 'user';
    this.tokenKind = tokenKind;
    this.binding = cnf(claims);
    this.tokenId = textClaim(claims, 'jti');
    this.session = textClaim(claims, 'sid');
    this.grant = textClaim(claims, 'gid');
    this.issuedAt = seconds(claims['iat']);
    this.expiresAt = isIdToken ? Math.min(expiryOf(claims), idTokenEnd(claims)) : expiryOf(claims);
    this.authTime = seconds(claims['auth_time']);
    this.acr = textClaim(claims, 'acr');
    this.#claims = claims;
    this.#settings = settings;
    Object.freeze(this);
  }

  get scopes(): ReadonlySet<string> | undefined {
    return (this.#scopes ??= this.#names(this.#settings.scopesOf));
  }

  get claimedPermissions(): ReadonlySet<string> | undefined {
    return (this.#permissions ??= this.#names(this.#settings.permissionsOf));
  }

  get claimedRoles(): ReadonlySet<string> | undefined {
    return (this.#roles ??= this.#names(this.#settings.rolesOf));
  }

  get amr(): readonly string[] {
    return (this.#amr ??= texts(this.#claims['amr']));
  }

  get claims(): Claims {
    return sealed(this.#claims);
  }

  /** An ID token delegates nothing. */
  #names(read: NameReader): ReadonlySet<string> | undefined {
    const names = this.tokenKind === 'id_token' ? [] : read(this.#claims);
    return names && sets.of(JSON.stringify(names), () => new FrozenSet(names));
  }
}

function seconds(claim: unknown): number | undefined {
  return typeof claim === 'number' ? claim : undefined;
}

function texts(claim: unknown): readonly string[] {
  return Array.isArray(claim)
    ? Object.freeze(claim.filter((member: unknown) => typeof member === 'string'))
    : NONE;
}
