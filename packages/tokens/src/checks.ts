import { authenticationFrom } from './authentication.ts';
import type { Claims } from './claims.ts';
import { looksLikeJwt, MAX_TOKEN_LENGTH, readCompactJws, type CompactJws } from './compact-jws.ts';
import type { Credential } from './credential.ts';
import type { DpopCheck } from './dpop/dpop-check.ts';
import { TokenExpired, TokenMalformed } from './errors.ts';
import type { IssuerSettings } from './issuers/issuer-settings.ts';
import type { Issuers } from './issuers/issuers.ts';
import type { TrustedIssuer } from './issuers/trusted-issuer.ts';
import type { VerificationKey } from './keys/verification-key.ts';
import type { DenyList } from './revocation/deny-list.ts';
import { alg, issuerAlg } from './rules/alg.rule.ts';
import { aud } from './rules/aud.rule.ts';
import { authTime } from './rules/auth-time.rule.ts';
import { checkBinding } from './rules/binding.rule.ts';
import { cnf } from './rules/cnf.rule.ts';
import { crit } from './rules/crit.rule.ts';
import { embeddedKey } from './rules/embedded-key.rule.ts';
import { encoding } from './rules/encoding.rule.ts';
import { exp, hasExpired } from './rules/exp.rule.ts';
import { idTokenAge, idTokenAudience } from './rules/first-party-id-token.rule.ts';
import { iat } from './rules/iat.rule.ts';
import { iss, untrustedIssuer } from './rules/iss.rule.ts';
import { kid } from './rules/kid.rule.ts';
import { nbf } from './rules/nbf.rule.ts';
import { requiredClaims } from './rules/required-claims.rule.ts';
import type { ClaimRule, HeaderRule, IssuerHeaderRule } from './rules/rule.ts';
import { sub, subOrClient } from './rules/sub.rule.ts';
import { textClaims } from './rules/text-claims.rule.ts';
import { foreignKindOf, tokenKind } from './rules/token-kind.rule.ts';
import { typ, typOfKind } from './rules/typ.rule.ts';
import type { Verdict } from './verdicts/verdict-cache.ts';
import type { VerifiedHeader } from './verdicts/verified-header.ts';
import { whoSigned } from './who-signed.ts';

/** Nothing is looked up, and no issuer is thought of, before these have passed. */
export const headerRules: readonly HeaderRule[] = [
  alg, //
  crit,
  encoding,
  embeddedKey,
  kid,
];

/** No key is looked up before these have passed. */
export const issuerHeaderRules: readonly IssuerHeaderRule[] = [issuerAlg, typ];

/** By what the claims are vouched for: a signature, the issuer's own answer, or a signature under an ID token. */
type Evidence = 'jwt' | 'introspection' | 'idToken';

/** Nothing of these is told to whoever cannot sign. What passes here is remembered with the token. */
const claimRules: readonly (readonly [rule: ClaimRule, ...of: readonly Evidence[]])[] = [
  [textClaims, 'jwt', 'introspection', 'idToken'], // before whatever reads the client
  [tokenKind, 'jwt', 'introspection'], // before aud: the more helpful reason
  [requiredClaims, 'jwt', 'introspection'],
  [aud, 'jwt', 'introspection'],
  [idTokenAudience, 'idToken'],
  [idTokenAge, 'idToken'],
  [exp, 'jwt', 'introspection', 'idToken'],
  [nbf, 'jwt', 'introspection', 'idToken'],
  [iat, 'jwt', 'introspection', 'idToken'],
  [authTime, 'jwt', 'introspection', 'idToken'],
  [sub, 'jwt', 'idToken'],
  [subOrClient, 'introspection'],
  [(claims) => void cnf(claims), 'jwt', 'introspection', 'idToken'],
];

const rulesFor: Readonly<Record<Evidence, readonly ClaimRule[]>> = {
  jwt: rulesOf('jwt'),
  introspection: rulesOf('introspection'),
  idToken: rulesOf('idToken'),
};

function rulesOf(evidence: Evidence): readonly ClaimRule[] {
  return claimRules.filter(([, ...of]) => of.includes(evidence)).map(([rule]) => rule);
}

/** What is asked of one request, however often its token was seen. */
export interface RequestChecks {
  readonly dpop: DpopCheck | undefined;
  readonly denyList: DenyList | undefined;
}

/**
 * The last checks, in this order, for each request: expiry → binding → revocation. None is ever remembered.
 *
 * @param now seconds since the epoch
 */
export function checkRequest(
  { authentication, issuer, key }: Finding,
  credential: Credential,
  { dpop, denyList }: RequestChecks,
  now: number,
): void | Promise<void> {
  const { clockTolerance } = issuer.settings;
  if (hasExpired(authentication.expiresAt, clockTolerance, now)) throw new TokenExpired();
  const bound = checkBinding(authentication, credential, dpop);
  if (bound === undefined) return denyList?.check(authentication, clockTolerance, key?.kid);
  return bound.then(() => denyList?.check(authentication, clockTolerance, key?.kid));
}

/**
 * The checks that time and news can change, for what was bound when it was let in.
 *
 * @param now seconds since the epoch
 */
export function checkStanding(
  { authentication, issuer, key }: Finding,
  { denyList }: RequestChecks,
  now: number,
): void {
  const { clockTolerance } = issuer.settings;
  if (hasExpired(authentication.expiresAt, clockTolerance, now)) throw new TokenExpired();
  denyList?.check(authentication, clockTolerance, key?.kid);
}

/** What has been found out about a token, and by which key; no key when the issuer was asked. */
export type Finding = Omit<Verdict, 'token' | 'goodUntil'>;

/** What the first checks are made with. */
export interface Trust {
  readonly issuers: Issuers;
  readonly header: VerifiedHeader;
  /** Seconds since the epoch. */
  readonly now: () => number;
}

/** What follows from a finding, in the same step: a promise of its own would be felt. */
type Conclude<Result> = (found: Finding) => Result | Promise<Result>;

/**
 * The first checks, in this order: form → header → issuer → key → signature → claims; or, for a token that is to be
 * introspected: length → answer → claims.
 */
export function examine<Result>(
  credential: Credential,
  trust: Trust,
  conclude: Conclude<Result>,
): Result | Promise<Result> {
  const { token } = credential;
  const { issuers, header } = trust;
  if (typeof token !== 'string') throw new TokenMalformed('it is not text');
  if (token.length > MAX_TOKEN_LENGTH) {
    throw new TokenMalformed(`it is longer than ${MAX_TOKEN_LENGTH} characters`);
  }
  if (issuers.ofAllTokens !== undefined)
    return introspected(credential, issuers.ofAllTokens, trust, conclude);
  if (!looksLikeJwt(token)) return introspected(credential, issuerOfOpaque(issuers), trust, conclude);

  const jws = readCompactJws(token, header.last);
  if (jws.header !== header.last?.header) for (const rule of headerRules) rule(jws.header);
  const issuer = issuers.named(iss(jws.claims));
  return issuer instanceof Promise
    ? issuer.then((known) => examineJws(credential, jws, known, trust, conclude))
    : examineJws(credential, jws, issuer, trust, conclude);
}

function examineJws<Result>(
  credential: Credential,
  jws: CompactJws,
  issuer: TrustedIssuer,
  trust: Trust,
  conclude: Conclude<Result>,
): Result | Promise<Result> {
  const { keys, settings } = issuer;
  if (keys === undefined) return introspected(credential, issuer, trust, conclude);
  if (!trust.header.hasPassed(jws.header, settings)) {
    for (const rule of issuerHeaderRules) rule(jws.header, settings);
  }
  return whoSigned(jws, keys, (key) => {
    trust.header.remember(jws, settings);
    const evidence = evidenceOf(jws.claims, settings);
    typOfKind(jws.header, evidence === 'idToken' ? settings.idTokenTyp : settings.typ);
    return conclude(finding(jws.claims, evidence, issuer, key, trust));
  });
}

function issuerOfOpaque({ ofOpaqueTokens }: Issuers): TrustedIssuer {
  if (ofOpaqueTokens !== undefined) return ofOpaqueTokens;
  throw new TokenMalformed('it does not have three parts', {
    hint: 'If the issuer gives out opaque tokens, set "tokenFormat" and "introspection".',
  });
}

async function introspected<Result>(
  { token, address }: Credential,
  issuer: TrustedIssuer,
  trust: Trust,
  conclude: Conclude<Result>,
): Promise<Result> {
  const claims = await issuer.introspector?.introspect(token, address);
  // RFC 7662 2.2: `iss` may be left out. One that is there must be whom we asked.
  if (claims === undefined || (claims['iss'] !== undefined && claims['iss'] !== issuer.settings.issuer)) {
    throw untrustedIssuer();
  }
  return conclude(finding(claims, 'introspection', issuer, undefined, trust));
}

function evidenceOf(claims: Claims, { idTokenClients, preset }: IssuerSettings): Evidence {
  return idTokenClients.size > 0 && foreignKindOf(claims, preset) === 'ID token' ? 'idToken' : 'jwt';
}

function finding(
  claims: Claims,
  evidence: Evidence,
  issuer: TrustedIssuer,
  key: VerificationKey | undefined,
  { now }: Trust,
): Finding {
  const { settings } = issuer;
  const circumstances = { settings, now: now() };
  for (const rule of rulesFor[evidence]) rule(claims, circumstances);
  const kind = evidence === 'idToken' ? 'id_token' : 'access_token';
  return { authentication: authenticationFrom(claims, kind, settings), issuer, key };
}
