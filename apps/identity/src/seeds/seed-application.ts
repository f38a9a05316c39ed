import { and, count, eq, inArray, notInArray, sql } from 'drizzle-orm';
import { randomBytes } from 'node:crypto';
import { endArtifacts } from '../artifacts/ended-artifacts.ts';
import type { Actor } from '../changes/actor.ts';
import type { Change } from '../changes/change.ts';
import type { RecordChange } from '../changes/change-log.ts';
import { hashSecret, secretMatches } from '../clients/client-secret.ts';
import type { Database } from '../database/database.ts';
import {
  artifact,
  client,
  clientGrant,
  clientGrantPermission,
  effectiveUserPermission,
  permission,
  resourceServer,
  resourceServerAlias,
  role,
  rolePermission,
  user,
  userPermission,
  userRole,
} from '../database/schema.ts';
import { newUserId } from '../people/user-id.ts';
import { SeedRefused, type SeedComplaint, type SeedPath } from './described-seed.ts';
import type {
  PermissionsByApi,
  SeededApi,
  SeededClient,
  SeededRole,
  SeededUser,
  SeedFile,
} from './seed-file.ts';

/** `+` is added, `~` is changed, `-` is taken away. */
export interface Difference {
  readonly sign: '+' | '~' | '-';
  readonly what: string;
}

interface SeedApplicationOptions {
  readonly tx: Database;
  readonly record: RecordChange;
  readonly seed: SeedFile;
  readonly actor: Actor;
  readonly prune?: boolean;
  readonly passwordHashes: ReadonlyMap<string, string>;
  readonly secret: (variable: string) => string | undefined;
}

type ApiRow = typeof resourceServer.$inferSelect;

interface NamedPermission {
  readonly id: string;
  readonly apiId: string;
  /** As it is shown: `read:orders of https://orders.example.com`. */
  readonly label: string;
}

const GRANT_TYPES = {
  browser: ['authorization_code', 'refresh_token'],
  confidential: ['authorization_code', 'refresh_token'],
  native: ['authorization_code', 'refresh_token'],
  machine: ['client_credentials'],
};
/** Characters of a password whose owner may change the authority of others. */
const ADMINISTRATORS_PASSWORD = 15;

const newId = (prefix: string): string => `${prefix}_${randomBytes(8).toString('hex')}`;

/** One file on its way into one transaction. */
export class SeedApplication {
  readonly #options: SeedApplicationOptions;
  readonly #tx: Database;
  readonly #by: string;
  readonly #prune: boolean;
  readonly #differences: Difference[] = [];
  readonly #complaints: SeedComplaint[] = [];
  /** By `<API identifier> <permission>`. */
  #permissions: ReadonlyMap<string, NamedPermission> = new Map();
  #apis: ReadonlyMap<string, ApiRow> = new Map();

  constructor(options: SeedApplicationOptions) {
    this.#options = options;
    this.#tx = options.tx;
    this.#by = options.actor.subject;
    this.#prune = options.prune ?? false;
  }

  /** @throws SeedRefused */
  async run(): Promise<readonly Difference[]> {
    const { apis, roles, clients, users } = this.#options.seed;
    this.#refuseTwice('apis', apis, ({ identifier }) => identifier);
    this.#refuseTwice('roles', roles, ({ name }) => name);
    this.#refuseTwice('clients', clients, ({ id }) => id);
    this.#refuseTwice('users', users, ({ email }) => email);
    const administrators = await this.#administrators();

    await this.#readApis();
    for (const [index, api] of (apis ?? []).entries()) await this.#api(api, ['apis', index]);
    await this.#readApis();
    for (const [index, one] of (roles ?? []).entries()) await this.#role(one, ['roles', index]);
    for (const [index, one] of (clients ?? []).entries()) await this.#client(one, ['clients', index]);
    for (const [index, one] of (users ?? []).entries()) await this.#user(one, ['users', index]);
    if (this.#prune) await this.#pruneUnnamed();

    if (administrators > 0 && (await this.#administrators()) === 0)
      this.#complain([], 'would leave nobody who may administrate');
    if (this.#complaints.length > 0) throw new SeedRefused(this.#complaints);
    return this.#differences;
  }

  async #api(wanted: SeededApi, path: SeedPath): Promise<void> {
    const { identifier, permissions = {}, aliases = [], ...rest } = wanted;
    const found = this.#apis.get(identifier);
    if (found?.isSystem) return this.#complain(path, 'is our own API, which no file describes');
    const id = found?.id ?? newId('rs');
    const target = { kind: 'api', id };
    if (found === undefined) {
      await this.#tx
        .insert(resourceServer)
        .values({ ...present(rest), id, identifier, name: rest.name ?? identifier });
      await this.#did('+', `API ${identifier}`, {
        action: 'api.create',
        target,
        after: { identifier, ...rest },
      });
    } else {
      const change = changed(found, rest);
      if (change) {
        await this.#tx.update(resourceServer).set(change.after).where(eq(resourceServer.id, id));
        const touches = [{ resourceServerId: id }];
        await this.#did('~', `API ${identifier}: ${change.label}`, {
          action: 'api.update',
          target,
          ...change,
          touches,
        });
      }
    }
    await this.#aliases(id, identifier, aliases, path);
    await this.#apiPermissions(id, identifier, permissions);
  }

  async #aliases(id: string, identifier: string, aliases: readonly string[], path: SeedPath): Promise<void> {
    const there = await this.#tx.select().from(resourceServerAlias);
    const owner = new Map(there.map((row) => [row.alias, row.resourceServerId]));
    for (const [index, alias] of aliases.entries()) {
      const of = owner.get(alias) ?? this.#apis.get(alias)?.id;
      if (of === id) continue;
      if (of !== undefined) {
        this.#complain([...path, 'aliases', index], 'is the name of another API already');
        continue;
      }
      await this.#tx.insert(resourceServerAlias).values({ alias, resourceServerId: id });
      await this.#did('+', `alias ${alias} of API ${identifier}`, {
        action: 'api.update',
        target: { kind: 'api', id },
        after: { alias },
      });
    }
  }

  async #apiPermissions(
    resourceServerId: string,
    identifier: string,
    wanted: Readonly<Record<string, string>>,
  ): Promise<void> {
    const there = await this.#tx
      .select()
      .from(permission)
      .where(eq(permission.resourceServerId, resourceServerId));
    const target = { kind: 'api', id: resourceServerId };
    for (const [name, description] of Object.entries(wanted)) {
      const found = there.find((row) => row.name === name);
      const label = `permission ${name} of API ${identifier}`;
      if (found === undefined) {
        await this.#tx.insert(permission).values({ id: newId('per'), resourceServerId, name, description });
        await this.#did('+', label, { action: 'api.permissions.add', target, after: { name, description } });
      } else if (found.description !== description) {
        await this.#tx.update(permission).set({ description }).where(eq(permission.id, found.id));
        await this.#did('~', `${label}: description`, {
          action: 'api.permissions.update',
          target,
          before: { name, description: found.description },
          after: { name, description },
        });
      }
    }
    if (!this.#prune) return;
    for (const { id, name } of there.filter((row) => !Object.hasOwn(wanted, row.name))) {
      await this.#tx.delete(permission).where(eq(permission.id, id));
      await this.#did('-', `permission ${name} of API ${identifier}, with everything it was given to`, {
        action: 'api.permissions.remove',
        target,
        before: { name },
        touches: [{ resourceServerId }],
      });
    }
  }

  async #role({ name, description, permissions }: SeededRole, path: SeedPath): Promise<void> {
    const [found] = await this.#tx.select().from(role).where(eq(role.name, name));
    const id = found?.id ?? newId('rol');
    const target = { kind: 'role', id };
    if (found === undefined) {
      await this.#tx.insert(role).values({ id, name, description: description ?? '' });
      await this.#did('+', `role ${name}`, { action: 'role.create', target, after: { name, description } });
    } else {
      const change = changed(found, { description });
      if (change) {
        await this.#tx.update(role).set(change.after).where(eq(role.id, id));
        await this.#did('~', `role ${name}: ${change.label}`, { action: 'role.update', target, ...change });
      }
    }
    if (permissions === undefined) return;
    const wanted = this.#named(permissions, [...path, 'permissions']);
    const rows = await this.#tx.select().from(rolePermission).where(eq(rolePermission.roleId, id));
    const held = rows.map(({ permissionId }) => permissionId);
    for (const one of wanted.filter((each) => !held.includes(each.id))) {
      await this.#tx.insert(rolePermission).values({ roleId: id, permissionId: one.id, grantedBy: this.#by });
      await this.#did('+', `${one.label} in role ${name}`, {
        action: 'role.permissions.add',
        target,
        after: { permissions: [one.label] },
        touches: [{ resourceServerId: one.apiId }],
      });
    }
    for (const one of this.#surplus(held, wanted)) {
      const it = and(eq(rolePermission.roleId, id), eq(rolePermission.permissionId, one.id));
      await this.#tx.delete(rolePermission).where(it);
      await this.#did('-', `${one.label} in role ${name}`, {
        action: 'role.permissions.remove',
        target,
        before: { permissions: [one.label] },
        touches: [{ resourceServerId: one.apiId }],
      });
    }
  }

  async #client({ id, secretFrom, grants, ...wanted }: SeededClient, path: SeedPath): Promise<void> {
    const [found] = await this.#tx.select().from(client).where(eq(client.id, id));
    const target = { kind: 'client', id };
    const kind = wanted.kind ?? found?.kind;
    if (kind === undefined) return this.#complain([...path, 'id'], 'names a new client: say what kind it is');
    if (found && kind !== found.kind)
      return this.#complain([...path, 'kind'], `cannot be changed: it is ${found.kind}`);
    const secretHash = this.#secretHash(kind, secretFrom, found?.secretHash ?? null, path);
    if (found === undefined) {
      await this.#tx.insert(client).values({
        name: id,
        firstParty: false,
        grantTypes: GRANT_TYPES[kind],
        redirectUris: [],
        logoutUris: [],
        ...present(wanted),
        id,
        kind,
        secretHash,
      });
      await this.#did('+', `client ${id}`, {
        action: 'client.create',
        target,
        after: { id, ...wanted },
      });
    } else {
      const change = changed(found, wanted);
      if (change) {
        await this.#tx.update(client).set(change.after).where(eq(client.id, id));
        const off = wanted.enabled === false && found.enabled;
        await this.#did('~', `client ${id}: ${change.label}`, {
          action: 'client.update',
          target,
          ...change,
          touches: [{ clientId: id }],
          ...(off ? { denies: [{ by: 'client', value: id, issuedUntil: new Date() }] } : undefined),
        });
        if (off) await endArtifacts(this.#tx, eq(artifact.clientId, id));
      }
      if (secretHash !== found.secretHash) {
        await this.#tx.update(client).set({ secretHash }).where(eq(client.id, id));
        await this.#did('~', `client ${id}: secret`, { action: 'client.secret.rotate', target });
      }
    }
    if (grants !== undefined) await this.#grants(id, grants, [...path, 'grants']);
  }

  #secretHash(
    kind: SeededClient['kind'],
    secretFrom: string | undefined,
    known: string | null,
    path: SeedPath,
  ): string | null {
    const hasSecret = kind === 'confidential' || kind === 'machine';
    const at = [...path, 'secretFrom'];
    if (!hasSecret) {
      if (secretFrom !== undefined)
        this.#complain(at, `is not for a ${kind} client, which cannot keep a secret`);
      return null;
    }
    if (secretFrom === undefined) {
      if (known === null)
        this.#complain(path, `is a ${kind} client: name the variable of its secret as secretFrom`);
      return known;
    }
    const secret = this.#options.secret(secretFrom);
    if (secret === undefined || secret.length < 32) {
      this.#complain(
        at,
        `the variable ${secretFrom} ${secret === undefined ? 'is not set' : 'has fewer than 32 characters'}`,
      );
      return known;
    }
    return known !== null && secretMatches(known, secret) ? known : hashSecret(secret);
  }

  async #grants(clientId: string, grants: PermissionsByApi, path: SeedPath): Promise<void> {
    const there = await this.#tx.select().from(clientGrant).where(eq(clientGrant.clientId, clientId));
    for (const identifier of Object.keys(grants)) {
      const api = this.#apis.get(identifier);
      if (api === undefined || there.some((row) => row.resourceServerId === api.id)) continue;
      const fresh = { id: newId('cgr'), clientId, resourceServerId: api.id };
      await this.#tx.insert(clientGrant).values(fresh);
      there.push(fresh);
      await this.#did('+', `client ${clientId} for API ${identifier}`, {
        action: 'client-grant.create',
        target: { kind: 'client-grant', id: fresh.id },
        after: { clientId, audience: identifier },
        touches: [{ clientId, resourceServerId: api.id }],
      });
    }
    const wanted = this.#named(grants, path);
    for (const grant of there) {
      const ofApi = wanted.filter(({ apiId }) => apiId === grant.resourceServerId);
      await this.#grant(grant, ofApi);
    }
  }

  async #grant(
    { id, clientId, resourceServerId }: typeof clientGrant.$inferSelect,
    wanted: readonly NamedPermission[],
  ): Promise<void> {
    const rows = await this.#tx
      .select()
      .from(clientGrantPermission)
      .where(eq(clientGrantPermission.clientGrantId, id));
    const held = rows.map(({ permissionId }) => permissionId);
    const change = { action: 'client-grant.update', target: { kind: 'client-grant', id } };
    const touches = [{ clientId, resourceServerId }];
    for (const one of wanted.filter((each) => !held.includes(each.id))) {
      await this.#tx
        .insert(clientGrantPermission)
        .values({ clientGrantId: id, permissionId: one.id, grantedBy: this.#by });
      const after = { clientId, permissions: [one.label] };
      await this.#did('+', `${one.label} for client ${clientId}`, { ...change, after, touches });
    }
    for (const one of this.#surplus(held, wanted)) {
      await this.#tx
        .delete(clientGrantPermission)
        .where(
          and(eq(clientGrantPermission.clientGrantId, id), eq(clientGrantPermission.permissionId, one.id)),
        );
      const before = { clientId, permissions: [one.label] };
      await this.#did('-', `${one.label} for client ${clientId}`, { ...change, before, touches });
    }
  }

  async #user(wanted: SeededUser, path: SeedPath): Promise<void> {
    const { email, passwordFrom, roles, permissions, ...rest } = wanted;
    const [found] = await this.#tx.select().from(user).where(eq(user.email, email));
    const id = found?.id ?? newUserId();
    const target = { kind: 'user', id };
    if (found === undefined) {
      const nickname = email.slice(0, email.indexOf('@'));
      const passwordHash = this.#options.passwordHashes.get(email);
      if (passwordHash === undefined) throw new Error('a password was not hashed');
      const fresh = {
        name: rest.name ?? nickname,
        nickname,
        emailVerified: true,
        blocked: rest.blocked ?? false,
      };
      await this.#tx.insert(user).values({ id, email, passwordHash, ...fresh });
      await this.#did('+', `user ${email}`, { action: 'user.create', target, after: { email, ...fresh } });
    } else {
      const change = changed(found, rest);
      if (change) {
        await this.#tx
          .update(user)
          .set({ ...change.after, updatedAt: new Date() })
          .where(eq(user.id, id));
        const blocked = rest.blocked === true && !found.blocked;
        await this.#did('~', `user ${email}: ${change.label}`, {
          action: 'user.update',
          target,
          ...change,
          ...('blocked' in change.after ? { touches: [{ subject: id }] } : undefined),
          ...(blocked ? { denies: [{ by: 'subject', value: id, issuedUntil: new Date() }] } : undefined),
        });
        if (blocked) await endArtifacts(this.#tx, eq(artifact.accountId, id));
      }
    }
    if (roles !== undefined) await this.#userRoles(id, email, roles, [...path, 'roles']);
    if (permissions !== undefined)
      await this.#userPermissions(id, email, this.#named(permissions, [...path, 'permissions']));
    if (found === undefined && passwordFrom !== undefined)
      await this.#assertLongEnough(id, passwordFrom, path);
  }

  async #assertLongEnough(id: string, passwordFrom: string, path: SeedPath): Promise<void> {
    const long = (this.#options.secret(passwordFrom) ?? '').length >= ADMINISTRATORS_PASSWORD;
    if (long || (await this.#administrators(id)) === 0) return;
    this.#complain(
      [...path, 'passwordFrom'],
      `${passwordFrom} has fewer than ${ADMINISTRATORS_PASSWORD} characters, and the user may administrate`,
    );
  }

  async #userRoles(userId: string, email: string, names: readonly string[], path: SeedPath): Promise<void> {
    const known = await this.#tx.select().from(role);
    const rows = await this.#tx.select().from(userRole).where(eq(userRole.userId, userId));
    const held = new Set(rows.map(({ roleId }) => roleId));
    const target = { kind: 'user', id: userId };
    const touches = [{ subject: userId }];
    for (const [index, name] of names.entries()) {
      const found = known.find((one) => one.name === name);
      if (found === undefined) {
        this.#complain([...path, index], `there is no role "${name}"`);
      } else if (!held.has(found.id)) {
        await this.#tx.insert(userRole).values({ userId, roleId: found.id, grantedBy: this.#by });
        const after = { roles: [{ id: found.id, name }] };
        await this.#did('+', `role ${name} for user ${email}`, {
          action: 'user.roles.add',
          target,
          after,
          touches,
        });
      }
    }
    if (!this.#prune) return;
    for (const { id: roleId, name } of known.filter((one) => held.has(one.id) && !names.includes(one.name))) {
      await this.#tx.delete(userRole).where(and(eq(userRole.userId, userId), eq(userRole.roleId, roleId)));
      const before = { roles: [{ id: roleId, name }] };
      await this.#did('-', `role ${name} for user ${email}`, {
        action: 'user.roles.remove',
        target,
        before,
        touches,
      });
    }
  }

  async #userPermissions(userId: string, email: string, wanted: readonly NamedPermission[]): Promise<void> {
    const rows = await this.#tx.select().from(userPermission).where(eq(userPermission.userId, userId));
    const held = rows.map(({ permissionId }) => permissionId);
    const target = { kind: 'user', id: userId };
    for (const one of wanted.filter((each) => !held.includes(each.id))) {
      await this.#tx.insert(userPermission).values({ userId, permissionId: one.id, grantedBy: this.#by });
      await this.#did('+', `${one.label} for user ${email}`, {
        action: 'user.permissions.add',
        target,
        after: { permissions: [one.label] },
        touches: [{ subject: userId, resourceServerId: one.apiId }],
      });
    }
    for (const one of this.#surplus(held, wanted)) {
      await this.#tx
        .delete(userPermission)
        .where(and(eq(userPermission.userId, userId), eq(userPermission.permissionId, one.id)));
      await this.#did('-', `${one.label} for user ${email}`, {
        action: 'user.permissions.remove',
        target,
        before: { permissions: [one.label] },
        touches: [{ subject: userId, resourceServerId: one.apiId }],
      });
    }
  }

  /** Of the kinds that the file speaks of at all. People are never deleted by a file. */
  async #pruneUnnamed(): Promise<void> {
    const { apis, roles, clients } = this.#options.seed;
    if (clients !== undefined) await this.#pruneClients(clients.map(({ id }) => id));
    if (roles !== undefined) await this.#pruneRoles(roles.map(({ name }) => name));
    if (apis !== undefined) await this.#pruneApis(apis.map(({ identifier }) => identifier));
  }

  async #pruneClients(kept: readonly string[]): Promise<void> {
    for (const { id, name } of await this.#tx
      .select()
      .from(client)
      .where(notInArray(client.id, [...kept]))) {
      await endArtifacts(this.#tx, eq(artifact.clientId, id));
      await this.#tx.delete(client).where(eq(client.id, id));
      await this.#did('-', `client ${id}`, {
        action: 'client.delete',
        target: { kind: 'client', id },
        before: { name },
        touches: [{ clientId: id }],
        denies: [{ by: 'client', value: id }],
      });
    }
  }

  async #pruneRoles(kept: readonly string[]): Promise<void> {
    for (const { id, name } of await this.#tx
      .select()
      .from(role)
      .where(notInArray(role.name, [...kept]))) {
      const bundled = await this.#tx
        .select({ apiId: permission.resourceServerId, name: permission.name })
        .from(rolePermission)
        .innerJoin(permission, eq(permission.id, rolePermission.permissionId))
        .where(eq(rolePermission.roleId, id));
      await this.#tx.delete(role).where(eq(role.id, id));
      await this.#did('-', `role ${name}`, {
        action: 'role.delete',
        target: { kind: 'role', id },
        before: { name, permissions: bundled.map((one) => one.name) },
        touches: [...new Set(bundled.map(({ apiId }) => apiId))].map((resourceServerId) => ({
          resourceServerId,
        })),
      });
    }
  }

  async #pruneApis(kept: readonly string[]): Promise<void> {
    const unnamed = await this.#tx
      .select()
      .from(resourceServer)
      .where(and(notInArray(resourceServer.identifier, [...kept]), eq(resourceServer.isSystem, false)));
    for (const { id, identifier } of unnamed) {
      await this.#tx.delete(resourceServer).where(eq(resourceServer.id, id));
      await this.#did('-', `API ${identifier}, with its permissions`, {
        action: 'api.delete',
        target: { kind: 'api', id },
        before: { identifier },
        touches: [{ resourceServerId: id }],
      });
    }
  }

  async #readApis(): Promise<void> {
    const apis = await this.#tx.select().from(resourceServer);
    const permissions = await this.#tx.select().from(permission);
    const identifiers = new Map(apis.map(({ id, identifier }) => [id, identifier]));
    this.#apis = new Map(apis.map((api) => [api.identifier, api]));
    this.#permissions = new Map(
      permissions.map(({ id, name, resourceServerId: apiId }) => {
        const identifier = identifiers.get(apiId) ?? '';
        return [`${identifier} ${name}`, { id, apiId, label: `${name} of API ${identifier}` }];
      }),
    );
  }

  #named(byApi: PermissionsByApi, path: SeedPath): NamedPermission[] {
    return Object.entries(byApi).flatMap(([identifier, names]) => {
      if (!this.#apis.has(identifier)) {
        this.#complain([...path, identifier], 'there is no API of that identifier');
        return [];
      }
      return names.flatMap((name, index) => {
        const found = this.#permissions.get(`${identifier} ${name}`);
        if (found === undefined)
          this.#complain([...path, identifier, index], `the API defines no permission "${name}"`);
        return found ?? [];
      });
    });
  }

  /** What is held and not wanted: nothing, unless it is to be taken away. */
  #surplus(held: readonly string[], wanted: readonly NamedPermission[]): NamedPermission[] {
    if (!this.#prune) return [];
    const kept = new Set(wanted.map(({ id }) => id));
    return [...this.#permissions.values()].filter(({ id }) => held.includes(id) && !kept.has(id));
  }

  /** How many users may administrate; of one, 0 or 1. */
  async #administrators(userId?: string): Promise<number> {
    const system = this.#tx
      .select({ id: resourceServer.id })
      .from(resourceServer)
      .where(eq(resourceServer.isSystem, true));
    const [found] = await this.#tx
      .select({ count: count(sql`DISTINCT ${user.id}`) })
      .from(effectiveUserPermission)
      .innerJoin(user, eq(user.id, effectiveUserPermission.userId))
      .where(
        and(
          eq(user.blocked, false),
          inArray(effectiveUserPermission.resourceServerId, system),
          userId === undefined ? undefined : eq(user.id, userId),
        ),
      );
    return found?.count ?? 0;
  }

  #refuseTwice<One>(kind: string, many: readonly One[] | undefined, nameOf: (one: One) => string): void {
    const names = (many ?? []).map(nameOf);
    for (const [index, name] of names.entries())
      if (names.indexOf(name) < index) this.#complain([kind, index], `"${name}" is there twice`);
  }

  #complain(path: SeedPath, wrong: string): void {
    this.#complaints.push({ path, wrong });
  }

  async #did(sign: Difference['sign'], what: string, change: Change): Promise<void> {
    await this.#options.record(change);
    this.#differences.push({ sign, what });
  }
}

/** What the file says, without what it leaves open. */
function present<Fields extends object>(fields: Fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
  };
}

/** The fields that the file says otherwise than the row; undefined when there is none. */
function changed<Fields extends object>(row: Readonly<Record<string, unknown>>, fields: Fields) {
  const different = Object.entries(present(fields)).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(row[key]),
  );
  if (different.length === 0) return undefined;
  return {
    label: different.map(([key]) => key).join(', '),
    before: Object.fromEntries(different.map(([key]) => [key, row[key]])),
    after: Object.fromEntries(different),
  };
}
