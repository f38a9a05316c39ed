import { presetNames, type IssuerOptions } from '@portcullis/tokens';
import { z } from 'zod';
import { refuseAny, type Complaint } from './configuration-refused.ts';

const address = z.url({ protocol: /^https?$/, error: 'is not an http or https address' });

/** Parts of a list; empty ones are left out. */
export const list = (value: string): readonly string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** Values in the order of ISSUER_URL; an empty place is as if unset. */
type Places = readonly (string | undefined)[];

const places = (value: string): Places => value.split(',').map((part) => part.trim() || undefined);
const each = <Part extends z.ZodType<unknown, string>>(part: Part) =>
  z.string().transform(places).pipe(z.array(part.optional())).default([]);

/** Whom to trust, and what is particular to each. */
export const issuerShape = {
  ISSUER_URL: z
    .string()
    .transform(list)
    .refine(
      (values) => values.length > 0 && values.every((value) => address.safeParse(value).success),
      'is not a list of http or https addresses',
    )
    .refine((values) => new Set(values).size === values.length, 'names the same issuer twice')
    .meta({ example: 'https://tenant.example.com/' }),
  JWKS_URI: each(address).meta({ example: 'https://tenant.example.com/.well-known/jwks.json' }),
  PROVIDER: each(z.enum(presetNames, `is none of ${presetNames.join(', ')}`)).meta({ example: 'auth0' }),
  TOKEN_FORMAT: each(z.enum(['jwt', 'opaque', 'both'], 'is neither jwt, opaque nor both')).meta({
    example: 'jwt',
  }),
  INTROSPECTION_CLIENT_ID: each(z.string()).meta({ example: 'menu-api' }),
  INTROSPECTION_CLIENT_SECRET: z.string().optional(),
};

type IssuerValues = z.infer<z.ZodObject<typeof issuerShape>>;

/**
 * Each issuer with what is particular to it.
 *
 * @throws ConfigurationRefused naming each variable that does not go with the others
 */
export function issuersOf(values: IssuerValues): readonly IssuerOptions[] {
  const { ISSUER_URL, JWKS_URI, PROVIDER, TOKEN_FORMAT, INTROSPECTION_CLIENT_ID } = values;
  const INTROSPECTION_CLIENT_SECRET = secretsOf(values);
  const perIssuer = {
    JWKS_URI,
    PROVIDER,
    TOKEN_FORMAT,
    INTROSPECTION_CLIENT_ID,
    INTROSPECTION_CLIENT_SECRET,
  };
  refuseAny(
    Object.entries(perIssuer).flatMap(([variable, { length }]) =>
      wrongNumber(variable, length, ISSUER_URL.length),
    ),
  );
  refuseAny(
    ISSUER_URL.flatMap((_, place) =>
      halfClient(INTROSPECTION_CLIENT_ID[place], INTROSPECTION_CLIENT_SECRET[place]),
    ),
  );
  return ISSUER_URL.map((issuer, place) => {
    const clientId = INTROSPECTION_CLIENT_ID[place];
    const clientSecret = INTROSPECTION_CLIENT_SECRET[place];
    return {
      issuer,
      ...given('jwksUri', JWKS_URI[place]),
      ...given('provider', PROVIDER[place]),
      ...given('tokenFormat', TOKEN_FORMAT[place]),
      ...(clientId === undefined || clientSecret === undefined
        ? {}
        : { introspection: { authentication: { clientId, clientSecret } } }),
    };
  });
}

/** With one issuer the secret is taken as it is: it may hold a comma. */
function secretsOf({ ISSUER_URL, INTROSPECTION_CLIENT_SECRET: secret }: IssuerValues): Places {
  if (secret === undefined) return [];
  return ISSUER_URL.length === 1 ? [secret] : places(secret);
}

/** A value for one issuer must not become another's: nothing is filled up or left over. */
function wrongNumber(variable: string, values: number, issuers: number): readonly Complaint[] {
  if (values === 0 || values === issuers) return [];
  const wrong = `has ${counted(values, 'value')}, and ISSUER_URL has ${counted(issuers, 'value')}: give one for each, in the same order; an empty place is as if unset`;
  const example = Array.from({ length: issuers }, (_, place) => `<${place + 1}>`).join(',');
  return [{ variable, wrong, example }];
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function halfClient(id: string | undefined, secret: string | undefined): readonly Complaint[] {
  if ((id === undefined) === (secret === undefined)) return [];
  return id === undefined
    ? [
        {
          variable: 'INTROSPECTION_CLIENT_ID',
          wrong: 'is not set, and its secret is',
          example: 'menu-api',
        },
      ]
    : [
        {
          variable: 'INTROSPECTION_CLIENT_SECRET',
          wrong: 'is not set, and INTROSPECTION_CLIENT_ID is',
          example: '<the secret of that client>',
        },
      ];
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}
