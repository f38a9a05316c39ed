import {
  dataDirectory,
  isLoopback,
  logLevel,
  port,
  readEnvironment,
  StartRefused,
  type Environment,
} from '@portcullis/service';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { isAddressRange } from './people/network.ts';
import { passwordObjection, type PasswordOwner } from './people/password-policy.ts';

/** Everything that the environment decides, read once at start. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  /** The issuer identifier, with its trailing slash. */
  readonly issuer: string;
  /** Absolute path of this app's own folder. */
  readonly directory: string;
  /** Of the Postgres server that nodes share; unset: the embedded database in `directory`. */
  readonly databaseUrl: string | undefined;
  /** Unset in development: a generated one is then kept in `directory`. */
  readonly keyEncryptionSecret: string | undefined;
  /** The one before: what it encrypted is encrypted anew, and what it signed is good still. */
  readonly formerKeyEncryptionSecret: string | undefined;
  /** Seconds that a key signs before the next one does. */
  readonly keyRotation: number;
  /** Seconds that a key is published before it signs. */
  readonly keyLead: number;
  /** Where signed checkpoints of the audit go, best out of reach of whoever can write the database. */
  readonly auditAnchor: { readonly file: string | undefined; /** Seconds. */ readonly every: number };
  /** Seconds. */
  readonly accessTokenTtl: number;
  /** Seconds after its use in which a second use of a refresh token counts as a race, not as theft. */
  readonly refreshLeeway: number;
  readonly seeds: {
    readonly adminPassword: string | undefined;
    readonly guestPassword: string | undefined;
    readonly machineSecret: string | undefined;
    /** Unset: there is no client for administration by script. */
    readonly adminMachineSecret: string | undefined;
    /** Of the client that the menu API itself is. */
    readonly menuApiSecret: string | undefined;
    readonly dashboardPort: number;
    readonly dashboardRedirectUris: readonly string[];
    readonly apiPort: number;
  };
  /** Whose pages may call the Management API; undefined: nobody's. */
  readonly adminOrigin: string | undefined;
  /** Requests a second that each client may make of the Management API, and as many at once. */
  readonly managementRateLimit: number;
  /** Answer every client in Auth0's shapes, not only those marked so. */
  readonly auth0Dialect: boolean;
  /** Addresses and ranges of proxies whose forwarded headers say where a request comes from; empty: nobody's. */
  readonly trustProxy: readonly string[];
  readonly logLevel: string;
  /** No development default is allowed: production or anything off loopback. */
  readonly strict: boolean;
}

const seconds = (fallback: number, example: string) =>
  z
    .string()
    .regex(/^\d{1,7}$/, 'is not a number of seconds')
    .transform(Number)
    .refine((value) => value > 0, 'must be above 0')
    .default(fallback)
    .meta({ example });

function commaSeparated(list: string): string[] {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
}

const password = (owner: PasswordOwner) =>
  z
    .string()
    .superRefine((value, issues) => {
      const message = passwordObjection(value, owner);
      if (message !== undefined) issues.addIssue({ code: 'custom', message });
    })
    .optional();
/** Seconds. */
const DAY = 24 * 60 * 60;

const httpUri = z.url({ protocol: /^https?$/, error: 'is not an http address' });

const VARIABLES = {
  IDENTITY_PORT: port().optional().meta({ example: '4000' }),
  IDENTITY_URL: httpUri.optional().meta({ example: 'https://login.example.com/' }),
  IDENTITY_DATABASE_URL: z
    .url({ protocol: /^postgres(?:ql)?$/, error: 'is not a postgres:// address' })
    .optional()
    .meta({ example: 'postgres://portcullis:<password>@localhost:5432/portcullis' }),
  HOST: z.string().default('localhost').meta({ example: 'localhost' }),
  DATA_DIR: z.string().optional().meta({ example: '.data' }),
  KEY_ENCRYPTION_SECRET: z
    .string()
    .min(32, 'must have at least 32 characters')
    .optional()
    .meta({ example: '<the output of: openssl rand -base64 48>' }),
  KEY_ENCRYPTION_SECRET_FORMER: z.string().min(32, 'must have at least 32 characters').optional(),
  KEY_ROTATION: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, 'is not a number of days')
    .transform((days) => Number(days) * DAY)
    .default(90 * DAY)
    .meta({ example: '90' }),
  KEY_LEAD: seconds(3600, '3600'),
  AUDIT_ANCHOR_FILE: z.string().optional().meta({ example: '/var/lib/portcullis-audit/anchor.jsonl' }),
  AUDIT_ANCHOR_EVERY: seconds(3600, '3600'),
  ACCESS_TOKEN_TTL: seconds(600, '600'),
  REFRESH_LEEWAY: seconds(10, '10'),
  // The seeded administrator may change the authority of others, the guest may not.
  SEED_ADMIN_PASSWORD: password({ email: 'admin@example.com', administers: true }),
  SEED_GUEST_PASSWORD: password({ email: 'guest@example.com', administers: false }),
  SEED_MACHINE_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  SEED_ADMIN_MACHINE_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  ADMIN_ORIGIN: httpUri
    .refine((uri) => new URL(uri).origin === uri, 'must be an origin, without a path or a slash at its end')
    .optional()
    .meta({ example: 'https://dashboard.example.com' }),
  MANAGEMENT_RATE_LIMIT: z
    .string()
    .regex(/^[1-9]\d{0,5}$/, 'is not a number of requests a second')
    .transform(Number)
    .default(100)
    .meta({ example: '100' }),
  SEED_MENU_API_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  DASHBOARD_PORT: port().optional().meta({ example: '4040' }),
  DASHBOARD_REDIRECT_URIS: z
    .string()
    .transform(commaSeparated)
    .pipe(z.array(httpUri))
    .default([])
    .meta({ example: 'http://localhost:5173/callback' }),
  PORT: port().optional().meta({ example: '7000' }),
  AUTH0_DIALECT: z.enum(['true', 'false'], { error: 'is neither true nor false' }).default('false'),
  TRUST_PROXY: z
    .string()
    .transform(commaSeparated)
    .refine((ranges) => ranges.every(isAddressRange), 'names other things than addresses of proxies')
    .default([])
    .meta({ example: '10.0.0.5,10.0.1.0/24' }),
  LOG_LEVEL: logLevel(),
  NODE_ENV: z.string().optional(),
};

/** @throws StartRefused naming the variable, what is wrong with it, and an example. */
export function readSettings(environment: Environment): Settings {
  const values = readEnvironment(VARIABLES, environment);
  if (values.IDENTITY_DATABASE_URL !== undefined && values.KEY_ENCRYPTION_SECRET === undefined) {
    throw new StartRefused(
      'KEY_ENCRYPTION_SECRET: must be set together with IDENTITY_DATABASE_URL: every node that shares the database ' +
        'needs the same. Example: KEY_ENCRYPTION_SECRET=<the output of: openssl rand -base64 48>',
    );
  }
  const identityPort = values.IDENTITY_PORT ?? 4000;
  const issuer = issuerIdentifier(values.IDENTITY_URL ?? `http://localhost:${identityPort}/`);
  const production = values.NODE_ENV === 'production';
  const strict =
    production ||
    !isLoopback(values.HOST) ||
    !isLoopback(new URL(issuer).hostname) ||
    values.TRUST_PROXY.length > 0;
  if (strict) refuseDevelopmentDefaults({ issuer, production, values });
  return {
    port: identityPort,
    host: values.HOST,
    issuer,
    directory: join(dataDirectory(values.DATA_DIR), 'identity'),
    databaseUrl: values.IDENTITY_DATABASE_URL,
    keyEncryptionSecret: values.KEY_ENCRYPTION_SECRET,
    formerKeyEncryptionSecret: values.KEY_ENCRYPTION_SECRET_FORMER,
    keyRotation: values.KEY_ROTATION,
    keyLead: values.KEY_LEAD,
    auditAnchor: {
      file: values.AUDIT_ANCHOR_FILE === undefined ? undefined : resolve(values.AUDIT_ANCHOR_FILE),
      every: values.AUDIT_ANCHOR_EVERY,
    },
    accessTokenTtl: values.ACCESS_TOKEN_TTL,
    refreshLeeway: values.REFRESH_LEEWAY,
    seeds: {
      adminPassword: values.SEED_ADMIN_PASSWORD,
      guestPassword: values.SEED_GUEST_PASSWORD,
      machineSecret: values.SEED_MACHINE_SECRET,
      adminMachineSecret: values.SEED_ADMIN_MACHINE_SECRET,
      menuApiSecret: values.SEED_MENU_API_SECRET,
      dashboardPort: values.DASHBOARD_PORT ?? 4040,
      dashboardRedirectUris: values.DASHBOARD_REDIRECT_URIS,
      apiPort: values.PORT ?? 7000,
    },
    adminOrigin:
      values.ADMIN_ORIGIN ?? (strict ? undefined : `http://localhost:${values.DASHBOARD_PORT ?? 4040}`),
    managementRateLimit: values.MANAGEMENT_RATE_LIMIT,
    auth0Dialect: values.AUTH0_DIALECT === 'true',
    trustProxy: values.TRUST_PROXY,
    logLevel: values.LOG_LEVEL,
    strict,
  };
}

/** Our endpoints stand at the root: routes and cookies are laid out for that. */
function issuerIdentifier(url: string): string {
  const { origin, pathname, search, hash } = new URL(url);
  if (pathname !== '/' || search || hash) {
    throw new StartRefused(
      'IDENTITY_URL: must be an origin, without path, query or fragment. Example: IDENTITY_URL=https://login.example.com/',
    );
  }
  return `${origin}/`;
}

/** What is generated in development. */
const NEEDED = ['KEY_ENCRYPTION_SECRET', 'SEED_ADMIN_PASSWORD', 'SEED_GUEST_PASSWORD'] as const;
const SECRETS = [
  ...NEEDED,
  'KEY_ENCRYPTION_SECRET_FORMER',
  'SEED_MACHINE_SECRET',
  'SEED_ADMIN_MACHINE_SECRET',
  'SEED_MENU_API_SECRET',
] as const;
/** Fewer different characters make no secret: somebody held a key down. */
const FEWEST_CHARACTERS = 6;
/** What stands in documents and examples for a secret. */
const PLACEHOLDER = /^<.*>$|change.?me|placeholder|secret-?for-?tests/i;

function refuseDevelopmentDefaults(found: {
  readonly issuer: string;
  readonly production: boolean;
  readonly values: { readonly [Name in (typeof SECRETS)[number]]?: string | undefined };
}): void {
  const { values } = found;
  const { protocol, hostname } = new URL(found.issuer);
  const plain = protocol !== 'https:' && (found.production || !isLoopback(hostname));
  const { SEED_ADMIN_PASSWORD: admin, SEED_GUEST_PASSWORD: guest } = values;
  const wrong = [
    ...(plain ? ['IDENTITY_URL: must be https. Example: IDENTITY_URL=https://login.example.com/'] : []),
    ...NEEDED.filter((name) => values[name] === undefined).map(
      (name) => `${name}: is not set, and nothing is generated here.`,
    ),
    ...SECRETS.filter((name) => isPlaceholder(values[name])).map(
      (name) => `${name}: is no secret. Example: ${name}=<the output of: openssl rand -base64 48>`,
    ),
    ...(admin !== undefined && admin === guest
      ? ['SEED_GUEST_PASSWORD: is the administrator’s. Give each their own.']
      : []),
  ];
  if (wrong.length === 0) return;
  throw new StartRefused(
    [
      'In production, off loopback or behind a proxy, no development default is used:',
      ...wrong.map((line) => `  ${line}`),
    ].join('\n'),
  );
}

function isPlaceholder(value: string | undefined): boolean {
  return value !== undefined && (PLACEHOLDER.test(value) || new Set(value).size < FEWEST_CHARACTERS);
}
