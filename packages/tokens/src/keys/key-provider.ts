import type { KeyObject } from 'node:crypto';
import { issuerHeaderRules, headerRules } from '../checks.ts';
import { MAX_TOKEN_LENGTH, readCompactJws } from '../compact-jws.ts';
import { TokenMalformed, TokenUntrusted } from '../errors.ts';
import { issuersFrom } from '../issuers/issuers.ts';
import { careful } from '../observer.ts';
import { amount } from '../option-values.ts';
import { alg } from '../rules/alg.rule.ts';
import { aud } from '../rules/aud.rule.ts';
import { iss } from '../rules/iss.rule.ts';
import { kid } from '../rules/kid.rule.ts';
import { tokenKind } from '../rules/token-kind.rule.ts';
import type { VerifierOptions } from '../verifier-options.ts';
import { whoSigned } from '../who-signed.ts';

/** Those of a verifier's options that say whose keys are meant, and where they are. */
export type KeyProviderOptions = Pick<
  VerifierOptions,
  | 'issuer'
  | 'audience'
  | 'provider'
  | 'jwksUri'
  | 'algorithms'
  | 'profile'
  | 'production'
  | 'requestTimeout'
  | 'observer'
  | 'now'
>;

/** A verifier's keys without its verdict, for whoever verifies tokens by other means. */
export interface KeyProvider {
  /**
   * The public key under which this token's signature is to be checked. Whether it verifies, whether the token has
   * expired and whatever else it claims is for the one who asks to find out.
   *
   * @throws CredentialError when there is none: the token is malformed, its issuer is not trusted, its algorithm is not
   *   one of that issuer's (`none` and `HS*` never are), it is another kind of token or for another API, or nobody
   *   published the key
   * @throws IssuerUnavailable when the keys cannot be had now
   */
  keyFor(token: string): Promise<KeyObject>;
  /** Resolves once each issuer's key set was fetched once; never rejects. */
  ready(): Promise<void>;
  /** Stops every fetch and timer. */
  close(): void;
}

/**
 * Builds a provider of keys and starts to fetch them. Prefer `createVerifier`, which also judges what it finds.
 *
 * @throws TypeError naming the option that is absent or wrong
 */
export function createKeyProvider(options: KeyProviderOptions): KeyProvider {
  const { production = false, requestTimeout = 5000, observer = [], now = Date.now } = options;
  const issuers = issuersFrom(options, {
    production,
    requestTimeout: amount('requestTimeout', 'milliseconds', requestTimeout, 1, 60_000),
    observer: careful([observer].flat()),
    now,
    monotonic: options.now ?? (() => performance.now()),
  });
  return {
    async keyFor(token) {
      if (token.length > MAX_TOKEN_LENGTH) {
        throw new TokenMalformed(`it is longer than ${MAX_TOKEN_LENGTH} characters`);
      }
      const jws = readCompactJws(token);
      for (const rule of headerRules) rule(jws.header);
      const { settings, keys } = await issuers.named(iss(jws.claims));
      for (const rule of issuerHeaderRules) rule(jws.header, settings);
      for (const rule of [tokenKind, aud]) rule(jws.claims, { settings, now: now() / 1000 });
      if (keys === undefined) throw new TokenUntrusted("the issuer's tokens are introspected, not verified");
      const name = kid(jws.header);
      const [only, ...more] = await keys.keysFor(alg(jws.header), name);
      // Without a name it takes a check of the signature to tell which key is meant.
      if (only !== undefined && more.length === 0 && name !== undefined) return only.key;
      return whoSigned(jws, keys, ({ key }) => key);
    },
    async ready() {
      await Promise.all(issuers.all().map((issuer) => issuer.ready()));
    },
    close: () => issuers.close(),
  };
}
