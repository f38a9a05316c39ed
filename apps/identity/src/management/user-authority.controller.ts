import { Body, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { and, asc, eq, gt, inArray } from 'drizzle-orm';
import { z } from 'zod';
import type { Administrator } from '../authority/administrator.ts';
import { Absent } from '../authority/refused-change.ts';
import { UserAdministration } from '../authority/user-administration.ts';
import type { Database } from '../database/database.ts';
import { effectiveUserPermission, permission, resourceServer, role, userRole } from '../database/schema.ts';
import { unexpired } from '../database/unexpired.ts';
import { DATABASE } from '../identity.tokens.ts';
import { UserStore } from '../people/user-store.ts';
import { ManagementController } from './management-controller.ts';
import { RequireAnyPermission, RequirePermissions } from './management-permissions.ts';
import { byCheckpoint, pageOf, pageQuery, type Listed, type PageQuery } from './page.ts';
import { endOf, lendingBody, namedPermissions, permissionsBody, wirePermission } from './permission.wire.ts';
import { By } from './request-administrator.ts';
import { id, text } from './text.ts';

const rolesBody = z.strictObject({ roles: z.array(text(100)).min(1).max(50) });
const lentRolesBody = rolesBody.extend({ expires_at: lendingBody.shape.expires_at });
const effectiveQuery = pageQuery.extend({ resource_server_identifier: text(600).optional() });
const sourcesQuery = pageQuery.extend({ resource_server_identifier: text(600), permission_name: text(280) });

/** What a user holds, and giving and taking it. */
@ManagementController('users/:id')
export class UserAuthorityController {
  readonly #db: Database;
  readonly #users: UserStore;
  readonly #administration: UserAdministration;

  constructor(
    @Inject(DATABASE) db: Database,
    @Inject(UserStore) users: UserStore,
    @Inject(UserAdministration) administration: UserAdministration,
  ) {
    this.#db = db;
    this.#users = users;
    this.#administration = administration;
  }

  @Get('roles')
  @RequireAnyPermission('read:users', 'read:role_members')
  async roles(@Param('id', { schema: id }) userId: string, @Query({ schema: pageQuery }) query: PageQuery) {
    await this.#assertThere(userId);
    return pageOf(query, 'roles', this.#rolesOf(userId));
  }

  @Post('roles')
  @HttpCode(204)
  @RequireAnyPermission('update:users', 'create:role_members')
  giveRoles(
    @By() by: Administrator,
    @Param('id', { schema: id }) userId: string,
    @Body({ schema: lentRolesBody }) body: z.infer<typeof lentRolesBody>,
  ) {
    return this.#administration.giveRoles(by, [userId], body.roles, endOf(body));
  }

  @Delete('roles')
  @HttpCode(204)
  @RequireAnyPermission('update:users', 'delete:role_members')
  takeRoles(
    @By() by: Administrator,
    @Param('id', { schema: id }) userId: string,
    @Body({ schema: rolesBody }) body: z.infer<typeof rolesBody>,
  ) {
    return this.#administration.takeRoles(by, userId, body.roles);
  }

  @Get('permissions')
  @RequirePermissions('read:users')
  async permissions(
    @Param('id', { schema: id }) userId: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    await this.#assertThere(userId);
    const held = this.#permissionsOf(userId, undefined);
    return pageOf(query, 'permissions', {
      ...held,
      wire: (rows) =>
        rows.map((row) => ({
          ...wirePermission(row),
          sources: row.sources.map(({ type, id: source, name }) => ({
            source_id: source ?? '',
            source_name: name ?? '',
            source_type: type,
          })),
        })),
    });
  }

  @Post('permissions')
  @HttpCode(201)
  @RequirePermissions('update:users')
  async givePermissions(
    @By() by: Administrator,
    @Param('id', { schema: id }) userId: string,
    @Body({ schema: lendingBody }) body: z.infer<typeof lendingBody>,
  ) {
    await this.#administration.givePermissions(by, userId, namedPermissions(body), endOf(body));
    return {};
  }

  @Delete('permissions')
  @HttpCode(204)
  @RequirePermissions('update:users')
  takePermissions(
    @By() by: Administrator,
    @Param('id', { schema: id }) userId: string,
    @Body({ schema: permissionsBody }) body: z.infer<typeof permissionsBody>,
  ) {
    return this.#administration.takePermissions(by, userId, namedPermissions(body));
  }

  @Get('effective-permissions')
  @RequirePermissions('read:user_effective_permissions')
  async effectivePermissions(
    @Param('id', { schema: id }) userId: string,
    @Query({ schema: effectiveQuery }) query: z.infer<typeof effectiveQuery>,
  ) {
    await this.#assertThere(userId);
    const { resource_server_identifier: identifier, ...page } = query;
    return byCheckpoint(page, 'permissions', this.#permissionsOf(userId, identifier));
  }

  @Get('effective-permissions/sources/effective-roles')
  @RequirePermissions('read:user_effective_permissions')
  async rolesBehind(
    @Param('id', { schema: id }) userId: string,
    @Query({ schema: sourcesQuery }) query: z.infer<typeof sourcesQuery>,
  ) {
    await this.#assertThere(userId);
    const { resource_server_identifier: identifier, permission_name: name, ...page } = query;
    const held = await this.#permissionsOf(userId, identifier, name).read({
      limit: 1,
      offset: 0,
      after: undefined,
    });
    const roles = held.flatMap(({ sources }) => sources.flatMap((source) => source.id ?? []));
    return byCheckpoint(page, 'roles', this.#rolesOf(userId, roles));
  }

  @Get('effective-roles')
  @RequirePermissions('read:user_effective_permissions')
  async effectiveRoles(
    @Param('id', { schema: id }) userId: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    await this.#assertThere(userId);
    const roles = this.#rolesOf(userId);
    return byCheckpoint(query, 'roles', {
      ...roles,
      wire: async (rows) => (await roles.wire(rows)).map((one) => ({ ...one, sources: ['direct'] })),
    });
  }

  async #assertThere(userId: string): Promise<void> {
    if (!(await this.#users.find(userId))) throw new Absent('user');
  }

  #rolesOf(userId: string, among?: readonly string[]): Listed<typeof role.$inferSelect> {
    const where = and(
      eq(userRole.userId, userId),
      unexpired(userRole.expiresAt),
      among && inArray(role.id, [...among]),
    );
    const rows = () =>
      this.#db
        .select({ id: role.id, name: role.name, description: role.description })
        .from(userRole)
        .innerJoin(role, eq(role.id, userRole.roleId))
        .$dynamic();
    return {
      read: ({ limit, offset, after }) =>
        rows()
          .where(and(where, after === undefined ? undefined : gt(role.id, after)))
          .orderBy(asc(role.id))
          .limit(limit)
          .offset(offset),
      total: async () => (await rows().where(where)).length,
      placeOf: (row) => row.id,
      wire: (found) => found,
    };
  }

  #permissionsOf(userId: string, identifier: string | undefined, name?: string) {
    const where = and(
      eq(effectiveUserPermission.userId, userId),
      identifier === undefined ? undefined : eq(resourceServer.identifier, identifier),
      name === undefined ? undefined : eq(permission.name, name),
    );
    const rows = () =>
      this.#db
        .select({
          id: permission.id,
          name: permission.name,
          description: permission.description,
          apiName: resourceServer.name,
          apiIdentifier: resourceServer.identifier,
          sources: effectiveUserPermission.sources,
        })
        .from(effectiveUserPermission)
        .innerJoin(permission, eq(permission.id, effectiveUserPermission.permissionId))
        .innerJoin(resourceServer, eq(resourceServer.id, permission.resourceServerId))
        .$dynamic();
    type Row = Awaited<ReturnType<typeof rows>>[number];
    return {
      read: ({ limit, offset, after }) =>
        rows()
          .where(and(where, after === undefined ? undefined : gt(permission.id, after)))
          .orderBy(asc(permission.id))
          .limit(limit)
          .offset(offset),
      total: async () => (await rows().where(where)).length,
      placeOf: (row) => row.id,
      wire: (found) =>
        found.map((row) => ({
          ...wirePermission(row),
          sources: [...new Set(row.sources.map(({ type }) => (type === 'ROLE' ? 'roles' : 'direct')))],
        })),
    } satisfies Listed<Row>;
  }
}
