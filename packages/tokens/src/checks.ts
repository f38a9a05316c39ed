import { authenticationFrom, type Authentication } from './authentication.ts';
import { readCompactJws } from './compact-jws.ts';
import type { Credential } from './credential.ts';
import type { KeySource } from './keys/key-source.ts';
import { alg } from './rules/alg.rule.ts';
import { aud } from './rules/aud.rule.ts';
import { authTime } from './rules/auth-time.rule.ts';
import { cnf } from './rules/cnf.rule.ts';
import { crit } from './rules/crit.rule.ts';
import { embeddedKey } from './rules/embedded-key.rule.ts';
import { encoding } from './rules/encoding.rule.ts';
import { exp } from './rules/exp.rule.ts';
import { iat } from './rules/iat.rule.ts';
import { iss } from './rules/iss.rule.ts';
import { kid } from './rules/kid.rule.ts';
import { nbf } from './rules/nbf.rule.ts';
import type { Circumstances, ClaimRule, HeaderRule } from './rules/rule.ts';
import { sub } from './rules/sub.rule.ts';
import { textClaims } from './rules/text-claims.rule.ts';
import { tokenKind } from './rules/token-kind.rule.ts';
import { typ } from './rules/typ.rule.ts';
import type { Settings } from './settings.ts';
import { checkSignature } from './signature.ts';
import { TokenUntrusted } from './errors.ts';

/** Nothing is looked up before these have passed. */
const headerRules: readonly HeaderRule[] = [
  alg, //
  crit,
  encoding,
  embeddedKey,
  typ,
  kid,
];

/** Nothing of these is told to whoever cannot sign. */
const claimRules: readonly ClaimRule[] = [
  textClaims, // before whatever reads the client
  tokenKind, // before aud: the more helpful reason
  aud,
  exp,
  nbf,
  iat,
  authTime,
  sub,
  cnf,
];

export interface Trust {
  readonly settings: Settings;
  readonly sources: ReadonlyMap<string, KeySource>;
}

/** The whole order of checks: form → header → issuer → key → signature → claims. */
export async function authenticate(credential: Credential, trust: Trust): Promise<Authentication> {
  const { settings, sources } = trust;
  const jws = readCompactJws(credential.token);
  for (const rule of headerRules) rule(jws.header, settings);

  const issuer = iss(jws.claims, settings.issuers);
  const source = sources.get(issuer);
  if (source === undefined) throw new TokenUntrusted('no keys are known for the "iss" claim');
  const algorithm = alg(jws.header, settings);
  await checkSignature(jws.token, algorithm, await source.keysFor(algorithm, jws.header['kid']));

  const circumstances: Circumstances = { settings, credential, now: settings.now() / 1000 };
  for (const rule of claimRules) rule(jws.claims, circumstances);
  return authenticationFrom({
    claims: jws.claims,
    issuer,
    subject: sub(jws.claims),
    expiresAt: exp(jws.claims, circumstances),
  });
}
