import { authenticate, type Trust } from './checks.ts';
import type { Authentication } from './authentication.ts';
import type { Credential } from './credential.ts';
import { KeySource } from './keys/key-source.ts';
import { settingsFrom } from './settings.ts';
import type { VerifierOptions } from './verifier-options.ts';

export interface Verifier {
  /**
   * @throws CredentialError when the credential is wrong (401-class)
   * @throws IssuerUnavailable when the issuer's keys cannot be had (503-class)
   */
  verify(credential: Credential): Authentication | Promise<Authentication>;
  /** Resolves once each issuer's key set was fetched once; retries in the background until then. Never rejects. */
  ready(): Promise<void>;
  /** Whether each issuer's key set was fetched once. Stays true through a later outage. */
  isReady(): boolean;
  /** Stops every fetch and timer. A verifier that was never ready does not become so any more. */
  close(): void;
}

/**
 * Builds a verifier and starts to fetch the issuers' keys. Build it once, not per request.
 *
 * ```ts
 * const verifier = createVerifier({ issuer: 'https://login.example/', audience: 'https://menu.example' });
 * const { subject } = await verifier.verify({ scheme: 'bearer', token });
 * ```
 *
 * @throws TypeError naming the option that is absent or wrong
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const settings = settingsFrom(options);
  const sources = new Map(settings.issuers.map((issuer) => [issuer, new KeySource(issuer, settings)]));
  const trust: Trust = { settings, sources };
  const all = [...sources.values()];
  for (const source of all) source.start();

  return {
    verify: (credential) => authenticate(credential, trust),
    ready: async () => {
      await Promise.all(all.map((source) => source.loaded));
    },
    isReady: () => all.every((source) => source.hasLoaded),
    close: () => {
      for (const source of all) source.close();
    },
  };
}
