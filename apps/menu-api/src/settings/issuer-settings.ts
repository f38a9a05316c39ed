import { refuseAny, type Complaint } from '@portcullis/service';
import { presetNames, type IssuerOptions } from '@portcullis/tokens';
import { z } from 'zod';
import { each, secretsOf, wrongNumbers } from './per-issuer.ts';
import { isTrusted, UNTRUSTED, url, urls } from './addresses.ts';

const address = url.refine(isTrusted, UNTRUSTED);
const preset = z.enum(presetNames, `is none of ${presetNames.join(', ')}`);
const format = z.enum(['jwt', 'opaque', 'both'], 'is neither jwt, opaque nor both');

/** Whom to trust, and what is particular to each. */
export const issuerShape = {
  ISSUER_URL: urls
    .refine((values) => values.every(isTrusted), UNTRUSTED)
    .optional()
    .meta({ example: 'https://tenant.example.com/' }),
  JWKS_URI: each(address).meta({ example: 'https://tenant.example.com/.well-known/jwks.json' }),
  PROVIDER: each(preset).meta({ example: 'auth0' }),
  TOKEN_FORMAT: each(format).meta({ example: 'jwt' }),
  INTROSPECTION_CLIENT_ID: each(z.string()).meta({ example: 'menu-api' }),
  INTROSPECTION_CLIENT_SECRET: z.string().optional(),
};

type IssuerValues = z.infer<z.ZodObject<typeof issuerShape>>;

/** What the variables say of one issuer. */
interface Configured {
  readonly issuer: string;
  readonly provider: z.infer<typeof preset>;
  readonly tokenFormat: z.infer<typeof format>;
  readonly jwksUri: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
}

/**
 * Each issuer with what is particular to it.
 *
 * @param embedded the identifier of our own provider on this machine: trusted when nobody else is named
 * @throws StartRefused naming each variable that does not go with the others
 */
export function issuersOf(values: IssuerValues, embedded: string): readonly IssuerOptions[] {
  const issuers = configured(values, embedded);
  refuseAny([...issuers.flatMap(wrongFormat), ...severalIntrospected(issuers)]);
  return issuers.map(optionsOf);
}

function configured(values: IssuerValues, embedded: string): readonly Configured[] {
  const names = values.ISSUER_URL ?? [embedded];
  const { JWKS_URI, PROVIDER, TOKEN_FORMAT, INTROSPECTION_CLIENT_ID } = values;
  const lists = {
    JWKS_URI,
    PROVIDER,
    TOKEN_FORMAT,
    INTROSPECTION_CLIENT_ID,
    INTROSPECTION_CLIENT_SECRET: secretsOf(values.INTROSPECTION_CLIENT_SECRET, names.length),
  };
  refuseAny(wrongNumbers(lists, names.length));
  return names.map((issuer, place) => ({
    issuer,
    provider: lists.PROVIDER[place] ?? (issuer === embedded ? 'portcullis' : 'generic'),
    tokenFormat: lists.TOKEN_FORMAT[place] ?? 'jwt',
    jwksUri: lists.JWKS_URI[place],
    clientId: lists.INTROSPECTION_CLIENT_ID[place],
    clientSecret: lists.INTROSPECTION_CLIENT_SECRET[place],
  }));
}

function wrongFormat(issuer: Configured): readonly Complaint[] {
  const credentials = [
    { variable: 'INTROSPECTION_CLIENT_ID', value: issuer.clientId, example: 'menu-api' },
    {
      variable: 'INTROSPECTION_CLIENT_SECRET',
      value: issuer.clientSecret,
      example: '<the secret of that client>',
    },
  ];
  if (issuer.tokenFormat === 'jwt') {
    const wrong = 'is jwt, and INTROSPECTION_CLIENT_ID and _SECRET go with opaque or both alone';
    const given = credentials.some(({ value }) => value !== undefined);
    return given ? [{ variable: 'TOKEN_FORMAT', wrong, example: 'both' }] : [];
  }
  const wrong = `is not set, and with TOKEN_FORMAT=${issuer.tokenFormat} the API asks the issuer as that client`;
  const missing = credentials.filter(({ value }) => value === undefined);
  return [
    ...missing.map(({ variable, example }) => ({ variable, wrong, example })),
    ...(issuer.tokenFormat === 'opaque' && issuer.jwksUri !== undefined
      ? [{ variable: 'JWKS_URI', wrong: 'has no use with TOKEN_FORMAT=opaque: leave it unset' }]
      : []),
  ];
}

function severalIntrospected(issuers: readonly Configured[]): readonly Complaint[] {
  if (issuers.filter(({ tokenFormat }) => tokenFormat !== 'jwt').length < 2) return [];
  const wrong =
    'is opaque or both for several issuers, and an opaque token does not say whose it is: it can be for one';
  return [
    {
      variable: 'TOKEN_FORMAT',
      wrong,
      example: issuers.map((_, place) => (place === 0 ? 'both' : 'jwt')).join(','),
    },
  ];
}

function optionsOf({
  issuer,
  provider,
  tokenFormat,
  jwksUri,
  clientId,
  clientSecret,
}: Configured): IssuerOptions {
  return {
    issuer,
    provider,
    tokenFormat,
    ...(jwksUri === undefined ? {} : { jwksUri }),
    ...(clientId === undefined || clientSecret === undefined
      ? {}
      : { introspection: { authentication: { clientId, clientSecret } } }),
  };
}
