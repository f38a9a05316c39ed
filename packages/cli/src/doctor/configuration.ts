import { readFileSync } from 'node:fs';
import { presetNames, type IssuerOptions, type PresetName } from '@portcullis/tokens';
import { wrong, type Finding } from './finding.ts';
import { quoted } from './quoted.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export interface ConfiguredIssuer extends IssuerOptions {
  readonly provider: PresetName;
  /** Whether PROVIDER says so; otherwise it is what an unset one stands for. */
  readonly providerIsChosen: boolean;
  readonly tokenFormat: 'jwt' | 'opaque' | 'both';
}

/** What the API would be told by these variables. */
export interface Configuration {
  readonly issuers: readonly ConfiguredIssuer[];
  readonly audiences: readonly string[];
  readonly firstPartyClients: readonly string[];
  readonly firstPartyIdTokens: readonly string[];
  readonly publicUrl: string | undefined;
  readonly trustProxy: string | undefined;
  readonly host: string;
  readonly production: boolean;
  /** Never to be shown. */
  readonly secrets: readonly string[];
}

export interface ReadConfiguration {
  readonly configuration: Configuration;
  readonly complaints: readonly Finding[];
}

/** What the API trusts unless told otherwise, in development. */
const SEEDED_FIRST_PARTY_CLIENTS = 'wab-dashboard,wab-website,wab-cli,wab-machine';

const FORMATS = ['jwt', 'opaque', 'both'] as const;

/** Whatever is wrong is said and left out, so that the rest can still be examined. */
export function readConfiguration(variables: Variables): ReadConfiguration {
  const complaints: Finding[] = [];
  const embedded = `http://localhost:${variables['IDENTITY_PORT'] ?? '4000'}/`;
  const names = list(variables['ISSUER_URL'] ?? embedded);
  if (names.length === 0) {
    complaints.push(
      wrong(
        'configuration',
        'ISSUER_URL is empty, so that nobody is trusted.',
        'Set ISSUER_URL, for example https://tenant.example.com/.',
      ),
    );
  }
  const inOrder = (variable: string, value = variables[variable]): readonly (string | undefined)[] => {
    const places = value === undefined ? [] : value.split(',').map((part) => part.trim() || undefined);
    if (places.length === 0 || places.length === names.length) return places;
    complaints.push(
      wrong(
        'configuration',
        `${variable} has ${places.length} values, and ISSUER_URL has ${names.length}.`,
        `Give ${variable} one value for each issuer, in the same order, parted by commas; an empty place is as if unset.`,
      ),
    );
    return [];
  };
  const oneOf = <Name extends string>(variable: string, known: readonly Name[]) =>
    inOrder(variable).map((value): Name | undefined => {
      const found = known.find((name) => name === value);
      if (value !== undefined && found === undefined) {
        complaints.push(
          wrong(
            'configuration',
            `${variable} is ${quoted(value)}, which is unknown.`,
            `Set ${variable} to one of ${known.join(', ')}.`,
          ),
        );
      }
      return found;
    });

  const providers = oneOf('PROVIDER', presetNames);
  const formats = oneOf('TOKEN_FORMAT', FORMATS);
  const keySets = inOrder('JWKS_URI');
  const clients = inOrder('INTROSPECTION_CLIENT_ID');
  const secret = secretFrom(variables, 'INTROSPECTION_CLIENT_SECRET', complaints);
  // With one issuer the secret is taken as it is: it may hold a comma.
  const secrets = names.length > 1 ? inOrder('INTROSPECTION_CLIENT_SECRET', secret) : [secret];
  const production = variables['NODE_ENV'] === 'production';
  const firstPartyClients =
    variables['FIRST_PARTY_CLIENTS'] ?? (production ? '' : SEEDED_FIRST_PARTY_CLIENTS);
  const idTokens = list(variables['FIRST_PARTY_ID_TOKENS'] ?? '');
  const issuers = names.map((issuer, place): ConfiguredIssuer => {
    const [jwksUri, clientId, clientSecret] = [keySets[place], clients[place], secrets[place]];
    return {
      issuer,
      provider: providers[place] ?? (issuer === embedded ? 'portcullis' : 'generic'),
      providerIsChosen: providers[place] !== undefined || issuer === embedded,
      tokenFormat: formats[place] ?? 'jwt',
      ...(jwksUri === undefined ? {} : { jwksUri }),
      ...(idTokens.length === 0 ? {} : { firstPartyIdTokens: idTokens }),
      ...(clientId === undefined || clientSecret === undefined
        ? {}
        : { introspection: { authentication: { clientId, clientSecret } } }),
    };
  });
  return {
    complaints,
    configuration: {
      issuers,
      audiences: list(variables['AUDIENCE'] ?? 'https://menu-api.example.com'),
      firstPartyClients: list(firstPartyClients),
      firstPartyIdTokens: idTokens,
      publicUrl: variables['PUBLIC_URL'] || undefined,
      trustProxy: variables['TRUST_PROXY'] || undefined,
      host: variables['HOST'] ?? 'localhost',
      production,
      secrets: secrets.filter((one) => one !== undefined),
    },
  };
}

function list(value: string): readonly string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function secretFrom(variables: Variables, variable: string, complaints: Finding[]): string | undefined {
  const file = variables[`${variable}_FILE`];
  if (file === undefined) return variables[variable] || undefined;
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch {
    complaints.push(
      wrong(
        'configuration',
        `The file that ${variable}_FILE names cannot be read.`,
        `Name a file in ${variable}_FILE that this user may read.`,
      ),
    );
    return undefined;
  }
}
