import { StartRefused } from '@portcullis/service';

/** Where the verifier's options come from. */
const VARIABLES: Readonly<Record<string, string>> = {
  issuer: 'ISSUER_URL',
  provider: 'PROVIDER',
  tokenFormat: 'TOKEN_FORMAT',
  jwksUri: 'JWKS_URI',
  audience: 'AUDIENCE',
  firstPartyIdTokens: 'FIRST_PARTY_ID_TOKENS',
  firstPartyClients: 'FIRST_PARTY_CLIENTS',
  'dpop.publicUrl': 'PUBLIC_URL',
};

/**
 * The verifier's complaint about an option as one about its variable, such as a slash too many for the provider;
 * any other error as it is.
 */
export function asStartRefused(error: unknown): unknown {
  const [, option = '', wrong = ''] =
    (error instanceof TypeError && /^"([\w.]+)" (.*)$/s.exec(error.message)) || [];
  const variable = VARIABLES[option];
  if (variable === undefined) return error;
  return new StartRefused(`The configuration cannot be used:\n  ${variable}: ${wrong}.`, { cause: error });
}
