import { checkIssuerOptions, type IssuerOptions } from '@portcullis/tokens';
import { z } from 'zod';
import type { PortcullisOptions } from '../portcullis.options.ts';
import { refuseAny, type Complaint } from './configuration-refused.ts';
import { readVariables, type Environment } from './variables.ts';
import { issuerShape, issuersOf, list } from './issuer-variables.ts';

const shape = {
  ...issuerShape,
  AUDIENCE: z
    .string()
    .transform(list)
    .refine((values) => values.length > 0, 'names nothing')
    .meta({ example: 'https://menu-api.example.com' }),
  FIRST_PARTY_CLIENTS: z.string().transform(list).optional().meta({ example: 'client-one,client-two' }),
  FIRST_PARTY_ID_TOKENS: z.string().transform(list).optional().meta({ example: 'website' }),
  NODE_ENV: z.string().optional(),
};

/** What an environment says of them; the rest is for the application to add. */
export interface ConfiguredOptions extends PortcullisOptions {
  /** May hold a secret: not for the log. */
  readonly issuer: readonly IssuerOptions[];
  readonly audience: readonly string[];
}

/**
 * The options of PortcullisModule from environment variables.
 *
 * `ISSUER_URL` and `AUDIENCE` are required; `JWKS_URI`, `PROVIDER`, `TOKEN_FORMAT`, `INTROSPECTION_CLIENT_ID`,
 * `INTROSPECTION_CLIENT_SECRET`, `FIRST_PARTY_CLIENTS` and `FIRST_PARTY_ID_TOKENS` are not. Each may come from the file that
 * `<NAME>_FILE` names. Several issuers are a list with commas, and what is particular to one then is a list in the same
 * order. `NODE_ENV=production` refuses plain http on loopback too.
 *
 * @throws ConfigurationRefused naming every variable that is wrong, why, and an example; never a value
 */
export function readPortcullisOptions(environment: Environment): ConfiguredOptions {
  const values = readVariables(shape, environment);
  const { AUDIENCE: audience, FIRST_PARTY_CLIENTS: clients, FIRST_PARTY_ID_TOKENS: idTokens } = values;
  const production = values.NODE_ENV === 'production';
  const issuers = issuersOf(values);
  const shared = { audience, ...(idTokens === undefined ? {} : { firstPartyIdTokens: idTokens }) };
  const complaints = [
    ...issuers.flatMap((issuer) => complaintsAbout({ ...shared, ...issuer }, production)),
    ...issuers.flatMap(idleKeys),
    ...severalIntrospected(issuers),
    ...(idTokens !== undefined && issuers.length > 1 ? [ID_TOKENS_OF_SEVERAL] : []),
  ];
  refuseAny(complaints);
  return {
    ...shared,
    issuer: issuers,
    ...(clients === undefined ? {} : { firstPartyClients: clients }),
    ...(production ? { production } : {}),
  };
}

const ID_TOKENS_OF_SEVERAL: Complaint = {
  variable: 'FIRST_PARTY_ID_TOKENS',
  wrong: 'goes with one ISSUER_URL, for another issuer may give the same client id to somebody else',
};

/** Where the verifier's options come from. */
const VARIABLES: Readonly<Record<string, string>> = {
  issuer: 'ISSUER_URL',
  audience: 'AUDIENCE',
  provider: 'PROVIDER',
  tokenFormat: 'TOKEN_FORMAT',
  jwksUri: 'JWKS_URI',
  introspection: 'INTROSPECTION_CLIENT_ID',
  firstPartyIdTokens: 'FIRST_PARTY_ID_TOKENS',
};

/** In quotes, or told from a word by its capitals. */
const OTHER_OPTION = /"\w+"|\b[a-z]+[A-Z]\w*/g;

/** The verifier's complaint about an option, as one about its variable. */
function complaintsAbout(issuer: IssuerOptions, production: boolean): readonly Complaint[] {
  try {
    checkIssuerOptions(issuer, production);
    return [];
  } catch (error) {
    const [, option = '', wrong = ''] =
      (error instanceof TypeError && /^"([\w.]+)" (.*)$/s.exec(error.message)) || [];
    const variable = VARIABLES[option];
    if (variable === undefined) throw error;
    const named = wrong.replace(OTHER_OPTION, (word: string) => VARIABLES[word.replaceAll('"', '')] ?? word);
    return [{ variable, wrong: named, example: exampleOf(variable) }];
  }
}

function exampleOf(variable: string): string | undefined {
  const field = Object.entries(shape).find(([name]) => name === variable)?.[1];
  const example = field?.meta()?.['example'];
  return typeof example === 'string' ? example : undefined;
}

function idleKeys({ tokenFormat, jwksUri }: IssuerOptions): readonly Complaint[] {
  if (tokenFormat !== 'opaque' || jwksUri === undefined) return [];
  return [{ variable: 'JWKS_URI', wrong: 'has no use with TOKEN_FORMAT=opaque: leave it unset' }];
}

function severalIntrospected(issuers: readonly IssuerOptions[]): readonly Complaint[] {
  if (issuers.filter(({ tokenFormat = 'jwt' }) => tokenFormat !== 'jwt').length < 2) return [];
  const wrong =
    'is opaque or both for several issuers, and an opaque token does not say whose it is: it can be for one';
  const example = issuers.map((_, place) => (place === 0 ? 'both' : 'jwt')).join(',');
  return [{ variable: 'TOKEN_FORMAT', wrong, example }];
}
