import type { Header } from '../compact-jws.ts';
import { HeaderRefused, TokenKindRefused, type ForeignKind } from '../errors.ts';
import type { IssuerHeaderRule } from './rule.ts';

/** Kinds that say so in their `typ` (RFC 8725 3.11 and the registry of media types). */
const foreign: ReadonlyMap<string, ForeignKind> = new Map([
  ['logout+jwt', 'logout token'], // OpenID Connect Back-Channel Logout 2.4
  ['dpop+jwt', 'DPoP proof'], // RFC 9449 4.2
  ['secevent+jwt', 'security event token'], // RFC 8417 2.3
  ['token-introspection+jwt', 'introspection response'], // RFC 9701 5
  ['oauth-authz-req+jwt', 'authorization request'], // RFC 9101 10.8
  ['client-authentication+jwt', 'client assertion'], // RFC 7523bis
  ['rt+jwt', 'refresh token'],
  ['vc+jwt', 'verifiable credential'],
  ['vc+sd-jwt', 'verifiable credential'],
  ['dc+sd-jwt', 'verifiable credential'],
]);

/** RFC 9068 2.1: `at+jwt`, with or without `application/`. Whether less will do depends on the issuer. */
export const typ: IssuerHeaderRule = (header, { typ: ofAccessTokens, idTokenTyp }) => {
  const name = typOf(header);
  if (!ofAccessTokens.has(name) && !idTokenTyp.has(name)) refuse(name, ofAccessTokens);
};

/** Once the claims have told the kind, where ID tokens are accepted too: a header of the other kind is none of it. */
export function typOfKind(header: Header, accepted: ReadonlySet<string | undefined>): void {
  const name = typOf(header);
  if (!accepted.has(name)) refuse(name, accepted);
}

function typOf(header: Header): string | undefined {
  const given = header['typ'];
  if (given === undefined) return undefined;
  if (typeof given !== 'string') throw new HeaderRefused('typ', 'must be a string');
  return given.toLowerCase();
}

function refuse(name: string | undefined, accepted: ReadonlySet<string | undefined>): never {
  const kind = foreign.get(name?.replace(/^application\//, '') ?? '');
  if (kind !== undefined) throw new TokenKindRefused(kind);
  throw new HeaderRefused('typ', 'is not that of an access token', {
    hint: `Accepted here: ${[...accepted].map((one) => one ?? 'none').join(', ')}. The option "profile" or "provider" decides.`,
  });
}
