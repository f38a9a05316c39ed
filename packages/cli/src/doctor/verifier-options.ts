import type { VerifierOptions } from '@portcullis/tokens';
import type { Configuration, ConfiguredIssuer } from './configuration.ts';

/** What the API's verifier would be made with. */
export function optionsOf(
  issuers: readonly ConfiguredIssuer[],
  { audiences, production }: Configuration,
): VerifierOptions {
  return {
    issuer: issuers.map(({ providerIsChosen: _known, ...options }) => options),
    audience: audiences,
    production,
    requestTimeout: 5000,
  };
}
