import { sql } from 'drizzle-orm';
import {
  boolean,
  index,
  jsonb,
  pgTable,
  pgView,
  primaryKey,
  text,
  timestamp,
  unique,
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
    expiresAt: time('expires_at'),
    consumedAt: time('consumed_at'),
  },
  (table) => [
    primaryKey({ columns: [table.model, table.idHash] }),
    index('artifact_grant')
      .on(table.grantId)
      .where(sql`grant_id IS NOT NULL`),
    index('artifact_account')
      .on(table.accountId)
      .where(sql`account_id IS NOT NULL`),
    index('artifact_session')
      .on(table.sessionUid)
      .where(sql`session_uid IS NOT NULL`),
    index('artifact_user_code')
      .on(table.userCode)
      .where(sql`user_code IS NOT NULL`),
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
  /** Since when it signs nothing more; it is published until the last token it signed has expired. */
  retiredAt: time('retired_at'),
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
  createdAt: time('created_at').notNull().defaultNow(),
});

export const resourceServer = pgTable('resource_server', {
  id: text('id').primaryKey(),
  identifier: text('identifier').notNull().unique(),
  name: text('name').notNull(),
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
  (table) => [primaryKey({ columns: [table.roleId, table.permissionId] })],
);

export const userRole = pgTable(
  'user_role',
  { userId: userId(), roleId: roleId(), ...granted() },
  (table) => [
    primaryKey({ columns: [table.userId, table.roleId] }),
    index('user_role_role').on(table.roleId),
  ],
);

export const userPermission = pgTable(
  'user_permission',
  { userId: userId(), permissionId: permissionId(), ...granted() },
  (table) => [primaryKey({ columns: [table.userId, table.permissionId] })],
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
  (table) => [primaryKey({ columns: [table.clientGrantId, table.permissionId] })],
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
