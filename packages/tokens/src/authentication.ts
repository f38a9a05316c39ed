import type { Binding } from './binding.ts';
import { clientOf, type Claims } from './claims.ts';
import { isMachine } from './machine.ts';
import { FrozenSet } from './frozen-set.ts';

/** Who is calling, as the issuer vouches for it. Deeply frozen. Identity is issuer and subject together. */
export interface Authentication {
  readonly issuer: string;
  readonly subject: string;
  /** `client_id`, else `azp`; undefined when the token names no client. */
  readonly client: string | undefined;
  readonly kind: 'user' | 'machine';
  readonly tokenKind: 'access_token';
  /** The binding that was enforced. Always undefined for now: a token with a `cnf` is refused. */
  readonly binding: Binding | undefined;
  /** Undefined when the token has no `scope` claim at all; empty when the claim is empty. */
  readonly scopes: ReadonlySet<string> | undefined;
  /** The payload as it was sent. Objects in it have no prototype. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Seconds since the epoch. */
  readonly issuedAt: number | undefined;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  /** Seconds since the epoch. May lie in the future: whoever asks for a recent login must look. */
  readonly authTime: number | undefined;
  readonly acr: string | undefined;
  readonly amr: readonly string[];
}

/** The facts that the claim rules have established, beside the claims themselves. */
export interface Established {
  readonly claims: Claims;
  readonly issuer: string;
  readonly subject: string;
  readonly expiresAt: number;
}

export function authenticationFrom({ claims, issuer, subject, expiresAt }: Established): Authentication {
  const client = clientOf(claims);
  return Object.freeze({
    issuer,
    subject,
    client,
    kind: isMachine(claims, subject, client) ? 'machine' : 'user',
    tokenKind: 'access_token',
    binding: undefined,
    scopes: typeof claims['scope'] === 'string' ? scopesOf(claims['scope']) : undefined,
    claims: frozen(claims),
    issuedAt: seconds(claims['iat']),
    expiresAt,
    authTime: seconds(claims['auth_time']),
    acr: typeof claims['acr'] === 'string' ? claims['acr'] : undefined,
    amr: Object.freeze(texts(claims['amr'])),
  } as const);
}

function seconds(claim: unknown): number | undefined {
  return typeof claim === 'number' ? claim : undefined;
}

function texts(claim: unknown): string[] {
  return Array.isArray(claim) ? claim.filter((member) => typeof member === 'string') : [];
}

// Recursion is safe here: the parser has bounded the depth.
function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}

/** RFC 6749, 3.3: names parted by spaces. */
function scopesOf(scope: string): ReadonlySet<string> {
  return new FrozenSet(scope.split(' ').filter((name) => name !== ''));
}
