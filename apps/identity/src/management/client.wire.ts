import type { JWK } from 'jose';
import { z } from 'zod';
import type { ClientRow, NewClient } from '../authority/client-administration.ts';
import { Unfit } from '../authority/refused-change.ts';
import { flag, pageQuery } from './page.ts';
import { fieldsQuery } from './selected-fields.ts';
import { text } from './text.ts';

const KINDS = {
  spa: 'browser',
  regular_web: 'confidential',
  native: 'native',
  non_interactive: 'machine',
} as const;

const APP_TYPES = {
  browser: 'spa',
  confidential: 'regular_web',
  native: 'native',
  machine: 'non_interactive',
} as const;

const GRANT_TYPES = {
  browser: ['authorization_code', 'refresh_token'],
  confidential: ['authorization_code', 'refresh_token'],
  native: ['authorization_code', 'refresh_token'],
  machine: ['client_credentials'],
} as const;

const appType = z.enum(['spa', 'regular_web', 'native', 'non_interactive']);
const addresses = z.array(text(2048)).max(100);

const members = {
  callbacks: addresses.optional(),
  allowed_logout_urls: addresses.optional(),
  /** The same list twice: Auth0 tells apart what these origins may do. */
  web_origins: addresses.optional(),
  allowed_origins: addresses.optional(),
  grant_types: z.array(text(100)).max(10).optional(),
  oidc_logout: z.strictObject({ backchannel_logout_urls: z.array(text(2048)).max(1).optional() }).optional(),
  /** Ours: the public keys of a client that authenticates by private_key_jwt. */
  jwks: z
    .strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(10) })
    .nullable()
    .optional(),
  /** Ours: a client that is switched off gets no token. */
  enabled: z.boolean().optional(),
};

export const newClient = z.strictObject({
  ...members,
  name: text(200),
  app_type: appType.optional(),
  is_first_party: z.boolean().optional(),
  oidc_conformant: z.literal(true).optional(),
  token_endpoint_auth_method: z.enum(['none', 'client_secret_post', 'client_secret_basic']).optional(),
});

export const clientChanges = z.strictObject({
  ...members,
  name: text(200).optional(),
  is_first_party: z.boolean().optional(),
  oidc_conformant: z.literal(true).optional(),
});

export const clientsQuery = pageQuery.extend({
  ...fieldsQuery,
  is_global: flag.optional(),
  is_first_party: flag.optional(),
  app_type: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(appType))
    .transform((types) => types.map((type) => KINDS[type]))
    .optional(),
});

export function freshClient(body: z.infer<typeof newClient>): NewClient {
  const kind = kindOf(body);
  return {
    name: body.name,
    kind,
    firstParty: body.is_first_party ?? true,
    grantTypes: body.grant_types ?? [...GRANT_TYPES[kind]],
    redirectUris: body.callbacks ?? [],
    logoutUris: body.allowed_logout_urls ?? [],
    origins: originsIn(body) ?? [],
    backchannelLogoutUri: body.oidc_logout?.backchannel_logout_urls?.[0] ?? null,
    jwks: jwksIn(body.jwks) ?? null,
    enabled: body.enabled ?? true,
  };
}

export function changesOf(body: z.infer<typeof clientChanges>): Partial<Omit<NewClient, 'kind'>> {
  return Object.fromEntries(
    Object.entries({
      name: body.name,
      firstParty: body.is_first_party,
      grantTypes: body.grant_types,
      redirectUris: body.callbacks,
      logoutUris: body.allowed_logout_urls,
      origins: originsIn(body),
      backchannelLogoutUri: body.oidc_logout && (body.oidc_logout.backchannel_logout_urls?.[0] ?? null),
      jwks: jwksIn(body.jwks),
      enabled: body.enabled,
    } satisfies { [Name in keyof Omit<NewClient, 'kind'>]: NewClient[Name] | undefined }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

export function wireClient(row: ClientRow) {
  return {
    client_id: row.id,
    name: row.name,
    app_type: APP_TYPES[row.kind],
    is_first_party: row.firstParty,
    oidc_conformant: true,
    callbacks: row.redirectUris,
    allowed_logout_urls: row.logoutUris,
    web_origins: row.origins,
    allowed_origins: row.origins,
    grant_types: row.grantTypes,
    token_endpoint_auth_method: authMethod(row),
    jwt_configuration: { alg: 'RS256' },
    oidc_logout: {
      backchannel_logout_urls: row.backchannelLogoutUri === null ? [] : [row.backchannelLogoutUri],
    },
    jwks: row.jwks ?? undefined,
    enabled: row.enabled,
  };
}

function authMethod({ jwks, secretHash }: ClientRow): string {
  if (jwks !== null) return 'private_key_jwt';
  return secretHash === null ? 'none' : 'client_secret_basic';
}

/** By what it is called, or else by how it is to authenticate and begin. */
function kindOf(body: z.infer<typeof newClient>): NewClient['kind'] {
  const { app_type: type, token_endpoint_auth_method: method, grant_types: grants = [] } = body;
  const machine = grants.length > 0 && grants.every((grant) => grant === 'client_credentials');
  const unnamed = machine ? 'machine' : method === 'none' ? 'browser' : 'confidential';
  const kind = type === undefined ? unnamed : KINDS[type];
  const secret = kind === 'machine' || kind === 'confidential';
  if (method !== undefined && secret === (method === 'none'))
    throw new Unfit(`A client of the type ${APP_TYPES[kind]} does not authenticate by ${method}.`);
  return kind;
}

function originsIn(
  body: Pick<z.infer<typeof clientChanges>, 'web_origins' | 'allowed_origins'>,
): string[] | undefined {
  const { web_origins: web, allowed_origins: allowed } = body;
  return web || allowed ? [...new Set([...(web ?? []), ...(allowed ?? [])])] : undefined;
}

type Jwks = z.infer<typeof newClient>['jwks'];

/** What is in the keys is for the provider to judge; that no private part is among them is judged before they are kept. */
function jwksIn(jwks: Jwks): NewClient['jwks'] | undefined {
  return jwks ? { keys: jwks.keys.map((key): JWK => ({ ...key })) } : jwks;
}
