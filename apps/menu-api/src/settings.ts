import {
  dataDirectory,
  isLoopback,
  logLevel,
  port,
  readEnvironment,
  type Environment,
} from '@portcullis/service';
import { z } from 'zod';
import type { HttpAdapterName } from './http-adapter.ts';
import { origin, urls } from './settings/addresses.ts';
import { permissionShape, permissionsOf, type PermissionSettings } from './settings/permission-settings.ts';
import { refuseDevelopmentDefaults } from './settings/production.ts';
import { readTrust, type Trust } from './settings/trust.ts';

/** All that the API is told from outside, read once at start. */
export interface Settings extends Pick<Trust, 'issuers' | 'audience' | 'firstPartyIdTokens'> {
  readonly port: number;
  readonly host: string;
  /** Where metrics are read, on loopback; undefined: nowhere. */
  readonly metricsPort: number | undefined;
  readonly publicUrl: string;
  readonly dataDirectory: string;
  /** Where the permissions of each issuer's tokens come from. May hold a secret: not for the log. */
  readonly permissions: readonly PermissionSettings[];
  readonly firstPartyClients: readonly string[];
  /** Where used DPoP proofs are remembered for all nodes; undefined: in this process. May hold a password. */
  readonly redisUrl: string | undefined;
  readonly clientOrigins: readonly string[];
  readonly docs: boolean;
  readonly httpAdapter: HttpAdapterName;
  /** Where requests are judged: alike by all of them. */
  readonly door: 'guard' | 'middleware' | 'passport';
  readonly logLevel: string;
  readonly production: boolean;
}

/** The seeds of the embedded provider: a development default, like its passwords. */
const SEEDED_FIRST_PARTY_CLIENTS = ['wab-dashboard', 'wab-website', 'wab-cli', 'wab-machine'];

const shape = {
  PORT: port().default(7000).meta({ example: '7000' }),
  IDENTITY_PORT: port().default(4000).meta({ example: '4000' }),
  DASHBOARD_PORT: port().default(4040).meta({ example: '4040' }),
  METRICS_PORT: z
    .string()
    .refine(
      (value) => value === 'off' || port().safeParse(value).success,
      'is neither a port number nor "off"',
    )
    .default('9464')
    .meta({ example: '9464' }),
  HOST: z.string().default('localhost').meta({ example: 'localhost' }),
  PUBLIC_URL: origin.optional().meta({ example: 'https://menu.example.com' }),
  DATA_DIR: z.string().optional().meta({ example: '.data' }),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'is not a redis or rediss address' })
    .refine((address) => /^\/?\d*$/.test(URL.parse(address)?.pathname ?? ''), 'has a path that is no number')
    .optional()
    .meta({ example: 'rediss://redis.example.com:6379' }),
  CLIENT_ORIGIN_URL: urls.optional().meta({ example: 'https://dashboard.example.com' }),
  API_DOCS: z.enum(['on', 'off'], 'is neither "on" nor "off"').optional().meta({ example: 'on' }),
  LOG_LEVEL: logLevel(),
  NODE_ENV: z.string().optional(),
  DATABASE_URL: z.never('must stay unset: the embedded database is the only one yet').optional(),
  DOOR: z
    .enum(['guard', 'middleware', 'passport'], 'is neither "guard", "middleware" nor "passport"')
    .default('guard')
    .meta({ example: 'guard' }),
  HTTP_ADAPTER: z
    .enum(['fastify', 'express'], 'is neither "fastify" nor "express"')
    .default('fastify')
    .meta({ example: 'fastify' }),
  ...permissionShape,
};

/** @throws StartRefused naming each variable that is wrong, and what to try */
export function readSettings(environment: Environment): Settings {
  const values = readEnvironment(shape, environment);
  const production =
    values.NODE_ENV === 'production' ||
    !isLoopback(values.HOST) ||
    !isLoopback(new URL(values.PUBLIC_URL ?? 'http://localhost').hostname);
  const embedded = `http://localhost:${values.IDENTITY_PORT}/`;
  const trust = readTrust(environment, embedded);
  const { issuers, audience, firstPartyClients, firstPartyIdTokens } = trust;
  if (production) {
    const { PUBLIC_URL, CLIENT_ORIGIN_URL, MANAGEMENT_API_URL } = values;
    refuseDevelopmentDefaults({
      required: {
        ISSUER_URL: trust.named ? issuers.map(({ issuer }) => issuer) : undefined,
        PUBLIC_URL: PUBLIC_URL === undefined ? undefined : [PUBLIC_URL],
        CLIENT_ORIGIN_URL,
      },
      optional: {
        JWKS_URI: issuers.flatMap(({ jwksUri = [] }) => jwksUri),
        MANAGEMENT_API_URL: MANAGEMENT_API_URL.filter((address) => address !== undefined),
      },
    });
  }
  return {
    port: values.PORT,
    host: values.HOST,
    metricsPort: values.METRICS_PORT === 'off' ? undefined : Number(values.METRICS_PORT),
    publicUrl: values.PUBLIC_URL ?? `http://localhost:${values.PORT}`,
    dataDirectory: dataDirectory(values.DATA_DIR),
    issuers,
    audience,
    permissions: permissionsOf(values, issuers, {
      embedded,
      production,
      dataDirectory: dataDirectory(values.DATA_DIR),
      idTokens: firstPartyIdTokens.length > 0,
    }),
    firstPartyClients: firstPartyClients ?? (production ? [] : SEEDED_FIRST_PARTY_CLIENTS),
    firstPartyIdTokens,
    redisUrl: values.REDIS_URL,
    clientOrigins: (values.CLIENT_ORIGIN_URL ?? [`http://localhost:${values.DASHBOARD_PORT}`]).map(
      (address) => new URL(address).origin,
    ),
    docs: values.API_DOCS === undefined ? !production : values.API_DOCS === 'on',
    httpAdapter: values.HTTP_ADAPTER,
    door: values.DOOR,
    logLevel: values.LOG_LEVEL,
    production,
  };
}
