import { ConfigurationRefused, readPortcullisOptions } from '@portcullis/nest/environment';
import { StartRefused, type Environment } from '@portcullis/service';
import type { IssuerOptions } from '@portcullis/tokens';

/** Whom the API trusts. */
export interface Trust {
  /** May hold a secret: not for the log. */
  readonly issuers: readonly IssuerOptions[];
  /** The first is what the provider calls this API. */
  readonly audience: readonly string[];
  /** Undefined when nothing is said of them. */
  readonly firstPartyClients: readonly string[] | undefined;
  /** Clients whose ID tokens log in, without permissions. */
  readonly firstPartyIdTokens: readonly string[];
  /** Whether the environment names any issuer. */
  readonly named: boolean;
}

/**
 * Read as by every application of the library.
 *
 * @param embedded the identifier of our own provider on this machine: trusted when nobody else is named
 * @throws StartRefused naming each variable that is wrong, or does not go with the others
 */
export function readTrust(environment: Environment, embedded: string): Trust {
  const named = isSet('ISSUER_URL', environment);
  const { issuer, audience, firstPartyClients, firstPartyIdTokens } = read({
    ...environment,
    ...(named ? {} : { ISSUER_URL: embedded }),
    ...(isSet('AUDIENCE', environment) ? {} : { AUDIENCE: 'https://menu-api.example.com' }),
    // Production is more here than this variable.
    NODE_ENV: undefined,
  });
  return {
    issuers: issuer.map((options) => ({
      provider: options.issuer === embedded ? 'portcullis' : 'generic',
      tokenFormat: 'jwt',
      ...options,
    })),
    audience,
    firstPartyClients: firstPartyClients && [...firstPartyClients],
    firstPartyIdTokens: [firstPartyIdTokens ?? []].flat(),
    named,
  };
}

function isSet(variable: string, environment: Environment): boolean {
  return Boolean(environment[variable] || environment[`${variable}_FILE`]);
}

function read(environment: Environment): ReturnType<typeof readPortcullisOptions> {
  try {
    return readPortcullisOptions(environment);
  } catch (cause) {
    throw cause instanceof ConfigurationRefused ? new StartRefused(cause.message, { cause }) : cause;
  }
}
