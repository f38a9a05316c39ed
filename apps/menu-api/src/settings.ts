import {
  dataDirectory,
  isLoopback,
  logLevel,
  port,
  readEnvironment,
  StartRefused,
  type Environment,
} from '@portcullis/service';
import { z } from 'zod';

/** All that the API is told from outside, read once at start. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly publicUrl: string;
  readonly dataDirectory: string;
  readonly issuers: readonly string[];
  readonly audience: string;
  readonly jwksUri: string | undefined;
  readonly firstPartyClients: readonly string[];
  readonly clientOrigins: readonly string[];
  readonly docs: boolean;
  readonly logLevel: string;
  readonly production: boolean;
}

const list = (value: string): readonly string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const url = z.url({ protocol: /^https?$/, error: 'is not an http or https address' });
const urls = z
  .string()
  .transform(list)
  .refine(
    (values) => values.length > 0 && values.every((value) => url.safeParse(value).success),
    'is not a list of http or https addresses',
  );
/** Whoever can read or change the traffic could swap the issuer's keys: plain http is for this machine alone. */
function isTrusted(address: string): boolean {
  const parsed = URL.parse(address);
  return (
    parsed !== null &&
    (parsed.protocol === 'https:' || (parsed.protocol === 'http:' && isLoopback(parsed.hostname)))
  );
}

const only = (value: string, what: string) =>
  z.literal(value, `can only be "${value}" yet: ${what}`).default(value);

/** The seeds of the embedded provider: a development default, like its passwords. */
const SEEDED_FIRST_PARTY_CLIENTS = ['wab-dashboard', 'wab-website', 'wab-cli', 'wab-machine'];

const shape = {
  PORT: port().default(7000).meta({ example: '7000' }),
  IDENTITY_PORT: port().default(4000).meta({ example: '4000' }),
  DASHBOARD_PORT: port().default(4040).meta({ example: '4040' }),
  HOST: z.string().default('localhost').meta({ example: 'localhost' }),
  PUBLIC_URL: url.optional().meta({ example: 'https://menu.example.com' }),
  DATA_DIR: z.string().optional().meta({ example: '.data' }),
  ISSUER_URL: urls
    .refine((values) => values.every(isTrusted), 'is plain http off this machine')
    .optional()
    .meta({ example: 'https://tenant.example.com/' }),
  AUDIENCE: z
    .string()
    .default('https://menu-api.example.com')
    .meta({ example: 'https://menu-api.example.com' }),
  JWKS_URI: url
    .refine(isTrusted, 'is plain http off this machine')
    .optional()
    .meta({ example: 'https://tenant.example.com/.well-known/jwks.json' }),
  FIRST_PARTY_CLIENTS: z.string().transform(list).optional().meta({ example: 'client-one,client-two' }),
  CLIENT_ORIGIN_URL: urls.optional().meta({ example: 'https://dashboard.example.com' }),
  API_DOCS: z.enum(['on', 'off'], 'is neither "on" nor "off"').optional().meta({ example: 'on' }),
  LOG_LEVEL: logLevel(),
  NODE_ENV: z.string().optional(),
  DATABASE_URL: z.never('must stay unset: the embedded database is the only one yet').optional(),
  DOOR: only('guard', 'the middleware and Passport doors are not switchable here'),
  HTTP_ADAPTER: only('fastify', 'Express is not switchable here'),
  TOKEN_FORMAT: only('jwt', 'opaque tokens are not accepted'),
  PERMISSIONS_FROM: only('token', 'live permissions are not asked for'),
};

/** @throws StartRefused naming each variable that is wrong, and what to try */
export function readSettings(environment: Environment): Settings {
  const values = readEnvironment(shape, environment);
  const production =
    values.NODE_ENV === 'production' ||
    !isLoopback(values.HOST) ||
    !isLoopback(new URL(values.PUBLIC_URL ?? 'http://localhost').hostname);
  if (production) refuseDevelopmentDefaults(values);
  const issuers = values.ISSUER_URL ?? [`http://localhost:${values.IDENTITY_PORT}/`];
  if (issuers.length > 1 && values.JWKS_URI !== undefined) {
    throw new StartRefused(
      'JWKS_URI is one address and ISSUER_URL names several issuers. Leave JWKS_URI unset: each issuer is discovered.',
    );
  }
  return {
    port: values.PORT,
    host: values.HOST,
    publicUrl: values.PUBLIC_URL ?? `http://localhost:${values.PORT}`,
    dataDirectory: dataDirectory(values.DATA_DIR),
    issuers,
    audience: values.AUDIENCE,
    jwksUri: values.JWKS_URI,
    firstPartyClients: values.FIRST_PARTY_CLIENTS ?? (production ? [] : SEEDED_FIRST_PARTY_CLIENTS),
    clientOrigins: (values.CLIENT_ORIGIN_URL ?? [`http://localhost:${values.DASHBOARD_PORT}`]).map(
      (origin) => new URL(origin).origin,
    ),
    docs: values.API_DOCS === undefined ? !production : values.API_DOCS === 'on',
    logLevel: values.LOG_LEVEL,
    production,
  };
}

type Values = ReturnType<typeof readEnvironment<typeof shape>>;

/** What development may leave out, production (or any listener that others can reach) must say. */
function refuseDevelopmentDefaults(values: Values): void {
  const required = {
    ISSUER_URL: values.ISSUER_URL,
    PUBLIC_URL: values.PUBLIC_URL,
    CLIENT_ORIGIN_URL: values.CLIENT_ORIGIN_URL,
    JWKS_URI: values.JWKS_URI,
  };
  const wrong = Object.entries(required).flatMap(([name, value]) => {
    if (value === undefined) return name === 'JWKS_URI' ? [] : [`  ${name}: must be set in production.`];
    return [value].flat().every((address) => address.startsWith('https:'))
      ? []
      : [`  ${name}: must be https in production.`];
  });
  if (wrong.length === 0) return;
  throw new StartRefused(
    [
      'NODE_ENV=production, or a HOST or PUBLIC_URL that others can reach, takes no development defaults:',
      ...wrong,
    ].join('\n'),
  );
}
