import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  pgView,
  primaryKey,
  text,
  timestamp,
  unique,
  type AnyPgColumn,
} from 'drizzle-orm/pg-core';
import type { AdapterPayload } from 'oidc-provider';
import type { JWK } from 'jose';

const time = (name: string) => timestamp(name, { withTimezone: true });

/** Who gave an authority, when, and until when. */
const granted = () => ({
  grantedBy: text('granted_by').notNull(),
  grantedAt: time('granted_at').notNull().defaultNow(),
  expiresAt: time('expires_at'),
});

/** A browser as a request showed it. */
export interface Device {
  readonly userAgent: string;
  readonly address: string;
  /** ISO 8601. */
  readonly seenAt: string;
}
const EXPIRES = sql`expires_at IS NOT NULL`;

/** What oidc-provider keeps: codes, tokens, grants, sessions, interactions. */
export const artifact = pgTable(
  'artifact',
  {
    model: text('model').notNull(),
    /** SHA-256 of the identifier, which is itself the bearer secret. */
    idHash: text('id_hash').notNull(),
    payload: jsonb('payload').$type<AdapterPayload>().notNull(),
    grantId: text('grant_id'),
    accountId: text('account_id'),
    clientId: text('client_id'),
    sessionUid: text('session_uid'),
    userCode: text('user_code'),
    /** What administration and account pages name it by; says nothing that could be presented. */
    publicId: text('public_id')
      .notNull()
      .default(sql`gen_random_uuid()::text`),
    createdAt: time('created_at').notNull().defaultNow(),
    expiresAt: time('expires_at'),
    consumedAt: time('consumed_at'),
    /** Of a used refresh token: the one that was given for it, sealed under a key made of the used one. */
    successor: text('successor'),
    /** Of a session: the browser that it was last seen in. */
    device: jsonb('device').$type<Device>(),
  },
  (table) => [
    primaryKey({ columns: [table.model, table.idHash] }),
    index('artifact_grant')
      .on(table.grantId)
      .where(sql`grant_id IS NOT NULL`),
    index('artifact_account')
      .on(table.accountId)
      .where(sql`account_id IS NOT NULL`),
    index('artifact_client')
      .on(table.clientId)
      .where(sql`client_id IS NOT NULL`),
    index('artifact_session')
      .on(table.sessionUid)
      .where(sql`session_uid IS NOT NULL`),
    index('artifact_user_code')
      .on(table.userCode)
      .where(sql`user_code IS NOT NULL`),
    unique('artifact_public_id').on(table.publicId),
    index('artifact_expiry')
      .on(table.expiresAt)
      .where(sql`expires_at IS NOT NULL`),
  ],
);

export const signingKey = pgTable('signing_key', {
  kid: text('kid').primaryKey(),
  /** The private JWK as a JWE (dir, A256GCM). */
  privateJwe: text('private_jwe').notNull(),
  publicJwk: jsonb('public_jwk').$type<JWK>().notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
  /** From when on it signs; null: it is published, and waits for its turn. */
  signsFrom: time('signs_from'),
  /** Since when it signs nothing more; it is published until the last token it signed has expired. */
  retiredAt: time('retired_at'),
  /** Since when it is published no more, whatever it signed. */
  revokedAt: time('revoked_at'),
});

export const user = pgTable('user', {
  id: text('id').primaryKey(),
  /** Lower case. */
  email: text('email').notNull().unique(),
  emailVerified: boolean('email_verified').notNull().default(false),
  name: text('name').notNull(),
  nickname: text('nickname').notNull(),
  picture: text('picture'),
  passwordHash: text('password_hash').notNull(),
  blocked: boolean('blocked').notNull().default(false),
  userMetadata: jsonb('user_metadata').$type<Readonly<Record<string, unknown>>>().notNull().default({}),
  appMetadata: jsonb('app_metadata').$type<Readonly<Record<string, unknown>>>().notNull().default({}),
  passwordChangedAt: time('password_changed_at').notNull().defaultNow(),
  lastLoginAt: time('last_login_at'),
  loginsCount: integer('logins_count').notNull().default(0),
  createdAt: time('created_at').notNull().defaultNow(),
  updatedAt: time('updated_at').notNull().defaultNow(),
});

export const client = pgTable('client', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  kind: text('kind', { enum: ['browser', 'confidential', 'native', 'machine'] }).notNull(),
  firstParty: boolean('first_party').notNull(),
  auth0Dialect: boolean('auth0_dialect').notNull().default(false),
  /** SHA-256 of a secret with at least 128 bits; null for a public client. */
  secretHash: text('secret_hash'),
  grantTypes: text('grant_types').array().notNull(),
  redirectUris: text('redirect_uris').array().notNull(),
  logoutUris: text('logout_uris').array().notNull(),
  /** Origins of pages that may call the token endpoint, beside those of its redirect URIs. */
  origins: text('origins').array().notNull().default([]),
  backchannelLogoutUri: text('backchannel_logout_uri'),
  /** Public keys of a client that signs its assertions (private_key_jwt). */
  jwks: jsonb('jwks').$type<{ readonly keys: readonly JWK[] }>(),
  /** The API that this client is: it may read that API's changes and permissions, and nobody else's. */
  resourceServerId: text('resource_server_id').references((): AnyPgColumn => resourceServer.id, {
    onDelete: 'set null',
  }),
  /** A client that is switched off gets no token, and those it has are denied. */
  enabled: boolean('enabled').notNull().default(true),
  createdAt: time('created_at').notNull().defaultNow(),
});

export const resourceServer = pgTable('resource_server', {
  id: text('id').primaryKey(),
  identifier: text('identifier').notNull().unique(),
  name: text('name').notNull(),
  /** Off: the `permissions` claim is left out, and `scope` alone says what the client was granted. */
  enforcePolicies: boolean('enforce_policies').notNull().default(true),
  tokenDialect: text('token_dialect', {
    enum: ['access_token', 'access_token_authz', 'rfc9068_profile', 'rfc9068_profile_authz'],
  })
    .notNull()
    .default('rfc9068_profile_authz'),
  /** Seconds; null: the server's. */
  tokenLifetime: integer('token_lifetime'),
  allowOfflineAccess: boolean('allow_offline_access').notNull().default(true),
  /** Ours, such as the Management API: it cannot be deleted, nor its permissions. */
  isSystem: boolean('is_system').notNull().default(false),
});

export const resourceServerAlias = pgTable('resource_server_alias', {
  alias: text('alias').primaryKey(),
  resourceServerId: text('resource_server_id')
    .notNull()
    .references(() => resourceServer.id, { onDelete: 'cascade' }),
});

export const permission = pgTable(
  'permission',
  {
    id: text('id').primaryKey(),
    resourceServerId: text('resource_server_id')
      .notNull()
      .references(() => resourceServer.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    description: text('description').notNull(),
  },
  (table) => [unique('permission_name').on(table.resourceServerId, table.name)],
);

export const role = pgTable('role', {
  id: text('id').primaryKey(),
  name: text('name').notNull().unique(),
  description: text('description').notNull(),
});

const roleId = () =>
  text('role_id')
    .notNull()
    .references(() => role.id, { onDelete: 'cascade' });
const userId = () =>
  text('user_id')
    .notNull()
    .references(() => user.id, { onDelete: 'cascade' });
const permissionId = () =>
  text('permission_id')
    .notNull()
    .references(() => permission.id, { onDelete: 'cascade' });

export const rolePermission = pgTable(
  'role_permission',
  { roleId: roleId(), permissionId: permissionId(), ...granted() },
  (table) => [
    primaryKey({ columns: [table.roleId, table.permissionId] }),
    index('role_permission_permission').on(table.permissionId),
    index('role_permission_expiry').on(table.expiresAt).where(EXPIRES),
  ],
);

export const userRole = pgTable(
  'user_role',
  { userId: userId(), roleId: roleId(), ...granted() },
  (table) => [
    primaryKey({ columns: [table.userId, table.roleId] }),
    index('user_role_role').on(table.roleId),
    index('user_role_expiry').on(table.expiresAt).where(EXPIRES),
  ],
);

export const userPermission = pgTable(
  'user_permission',
  { userId: userId(), permissionId: permissionId(), ...granted() },
  (table) => [
    primaryKey({ columns: [table.userId, table.permissionId] }),
    index('user_permission_permission').on(table.permissionId),
    index('user_permission_expiry').on(table.expiresAt).where(EXPIRES),
  ],
);

/** What a client may be given for an API at most, by its users or (machines) by itself. */
export const clientGrant = pgTable(
  'client_grant',
  {
    id: text('id').primaryKey(),
    clientId: text('client_id')
      .notNull()
      .references(() => client.id, { onDelete: 'cascade' }),
    resourceServerId: text('resource_server_id')
      .notNull()
      .references(() => resourceServer.id, { onDelete: 'cascade' }),
  },
  (table) => [unique('client_grant_api').on(table.clientId, table.resourceServerId)],
);

export const clientGrantPermission = pgTable(
  'client_grant_permission',
  {
    clientGrantId: text('client_grant_id')
      .notNull()
      .references(() => clientGrant.id, { onDelete: 'cascade' }),
    permissionId: permissionId(),
    ...granted(),
  },
  (table) => [
    primaryKey({ columns: [table.clientGrantId, table.permissionId] }),
    index('client_grant_permission_permission').on(table.permissionId),
    index('client_grant_permission_expiry').on(table.expiresAt).where(EXPIRES),
  ],
);

/**
 * The one row that every change of authority locks first: numbers therefore go up in the order of commits,
 * and the chain of hashes has one end.
 */
export const logHead = pgTable(
  'log_head',
  {
    id: integer('id').primaryKey().default(1),
    /** Of this copy of the log; a restored backup gets another. */
    incarnation: text('incarnation').notNull(),
    number: bigint('number', { mode: 'number' }).notNull(),
    /** Of the last entry; of none: 64 zeros. */
    hash: text('hash').notNull(),
    /** Touches and denials up to this number may have been dropped. */
    trimmedUpTo: bigint('trimmed_up_to', { mode: 'number' }).notNull().default(0),
  },
  (table) => [check('log_head_is_one', sql`${table.id} = 1`)],
);

/** Who changed what, and when. Only ever appended to; each entry's hash covers the one before. */
export const auditEntry = pgTable(
  'audit_entry',
  {
    number: bigint('number', { mode: 'number' }).primaryKey(),
    at: time('at').notNull(),
    action: text('action').notNull(),
    actor: text('actor').notNull(),
    targetKind: text('target_kind').notNull(),
    targetId: text('target_id').notNull(),
    /** The entry as JSON, letter by letter as it was hashed. The columns before repeat it, to search by. */
    entry: text('entry').notNull(),
    /** SHA-256 of the former entry's hash and this entry, in hex. */
    hash: text('hash').notNull(),
  },
  (table) => [
    index('audit_entry_target').on(table.targetKind, table.targetId, table.number),
    index('audit_entry_actor').on(table.actor, table.number),
  ],
);

/** Whose permissions may be others since a change: those who were told earlier have to look again. */
export const authorityTouch = pgTable(
  'authority_touch',
  {
    number: bigint('number', { mode: 'number' }).notNull(),
    /** Null: of every API. */
    resourceServerId: text('resource_server_id'),
    /** Null: everybody. */
    subject: text('subject'),
    /** Null: through every client. */
    clientId: text('client_id'),
  },
  (table) => [index('authority_touch_number').on(table.number)],
);

/** What denies access tokens that are out already, until the last of them has expired. */
export const denial = pgTable(
  'denial',
  {
    number: bigint('number', { mode: 'number' }).notNull(),
    by: text('by', { enum: ['token', 'session', 'grant', 'subject', 'client', 'key'] }).notNull(),
    value: text('value').notNull(),
    /** Null: whenever they were issued. */
    issuedUntil: time('issued_until'),
    expiresAt: time('expires_at').notNull(),
  },
  (table) => [
    index('denial_number').on(table.number),
    index('denial_expiry').on(table.expiresAt),
    index('denial_value').on(table.by, table.value),
  ],
);

/** Clients that are still to hear of a logout (OpenID Connect Back-Channel Logout 1.0). */
export const logoutNotice = pgTable(
  'logout_notice',
  {
    clientId: text('client_id')
      .notNull()
      .references(() => client.id, { onDelete: 'cascade' }),
    /** The client's own name for the session. */
    sid: text('sid').notNull(),
    subject: text('subject').notNull(),
    attempts: integer('attempts').notNull().default(0),
    /** When to try next; while one tries, when another may. */
    dueAt: time('due_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.clientId, table.sid] }),
    index('logout_notice_due').on(table.dueAt),
  ],
);

/** Failed logins of a while, by account and by address. */
export const loginFailure = pgTable(
  'login_failure',
  {
    /** What is counted: a keyed hash, so that the table says nothing of who was tried. */
    key: text('key').primaryKey(),
    /** Attempts, those refused without a look at the password included. */
    count: integer('count').notNull(),
    /** How many are let through. */
    allowed: integer('allowed').notNull(),
    /** When counting begins anew. */
    until: time('until').notNull(),
  },
  (table) => [index('login_failure_until').on(table.until)],
);

/** What a user lets a third-party client do, remembered beyond the grant of one login. */
export const consent = pgTable(
  'consent',
  {
    userId: userId(),
    clientId: text('client_id')
      .notNull()
      .references(() => client.id, { onDelete: 'cascade' }),
    /** Scopes of OpenID Connect. */
    oidcScopes: text('oidc_scopes').array().notNull(),
    /** By API identifier; an empty list is the API without any of its permissions. */
    apiScopes: jsonb('api_scopes').$type<Readonly<Record<string, readonly string[]>>>().notNull(),
    givenAt: time('given_at').notNull().defaultNow(),
    changedAt: time('changed_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.clientId] })],
);

export interface PermissionSource {
  readonly type: 'DIRECT' | 'ROLE';
  readonly id: string | null;
  readonly name: string | null;
}

/** What each user may do, directly and through roles, with every source of it. */
export const effectiveUserPermission = pgView('effective_user_permission', {
  userId: text('user_id').notNull(),
  resourceServerId: text('resource_server_id').notNull(),
  permissionId: text('permission_id').notNull(),
  name: text('name').notNull(),
  sources: jsonb('sources').$type<PermissionSource[]>().notNull(),
}).as(sql`
  SELECT held.user_id, permission.resource_server_id, permission.id AS permission_id, permission.name,
         jsonb_agg(held.source) AS sources
  FROM (
    SELECT user_id, permission_id,
           jsonb_build_object('type', 'DIRECT', 'id', NULL, 'name', NULL) AS source
    FROM user_permission
    WHERE expires_at IS NULL OR expires_at > now()
    UNION ALL
    SELECT user_role.user_id, role_permission.permission_id,
           jsonb_build_object('type', 'ROLE', 'id', role.id, 'name', role.name)
    FROM user_role
    JOIN role ON role.id = user_role.role_id
    JOIN role_permission ON role_permission.role_id = role.id
    WHERE (user_role.expires_at IS NULL OR user_role.expires_at > now())
      AND (role_permission.expires_at IS NULL OR role_permission.expires_at > now())
  ) AS held
  JOIN permission ON permission.id = held.permission_id
  GROUP BY held.user_id, permission.resource_server_id, permission.id, permission.name
`);
