import { Body, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { and, asc, eq, gt, ilike } from 'drizzle-orm';
import { z } from 'zod';
import type { Administrator } from '../authority/administrator.ts';
import { Absent } from '../authority/refused-change.ts';
import { RoleAdministration, type Role } from '../authority/role-administration.ts';
import { UserAdministration } from '../authority/user-administration.ts';
import type { Database } from '../database/database.ts';
import { permission, resourceServer, role, rolePermission, user, userRole } from '../database/schema.ts';
import { unexpired } from '../database/unexpired.ts';
import { DATABASE } from '../identity.tokens.ts';
import { ManagementController } from './management-controller.ts';
import { RequirePermissions } from './management-permissions.ts';
import { pageOf, pageQuery, type PageQuery } from './page.ts';
import { namedPermissions, permissionsBody, wirePermission } from './permission.wire.ts';
import { By } from './request-administrator.ts';
import { tableList } from './table-list.ts';
import { id, text } from './text.ts';

const newRole = z.strictObject({ name: text(100), description: text(500).optional() });
const roleChanges = newRole.partial();
const usersBody = z.strictObject({ users: z.array(text(300)).min(1).max(1000) });
const rolesQuery = pageQuery.extend({ name_filter: text(100).optional() });

@ManagementController('roles')
export class RolesController {
  readonly #db: Database;
  readonly #roles: RoleAdministration;
  readonly #users: UserAdministration;

  constructor(
    @Inject(DATABASE) db: Database,
    @Inject(RoleAdministration) roles: RoleAdministration,
    @Inject(UserAdministration) users: UserAdministration,
  ) {
    this.#db = db;
    this.#roles = roles;
    this.#users = users;
  }

  @Get()
  @RequirePermissions('read:roles')
  list(@Query({ schema: rolesQuery }) { name_filter: name, ...page }: z.infer<typeof rolesQuery>) {
    const pattern = name?.replaceAll(/[\\%_]/g, String.raw`\$&`);
    return pageOf(
      page,
      'roles',
      tableList({
        db: this.#db,
        table: role,
        key: role.id,
        keyOf: (row) => row.id,
        where: pattern === undefined ? undefined : ilike(role.name, `%${pattern}%`),
        wire: (rows) => rows,
      }),
    );
  }

  @Post()
  @HttpCode(200)
  @RequirePermissions('create:roles')
  create(
    @By() by: Administrator,
    @Body({ schema: newRole }) { name, description = '' }: z.infer<typeof newRole>,
  ): Promise<Role> {
    return this.#roles.create(by, { name, description });
  }

  @Get(':id')
  @RequirePermissions('read:roles')
  find(@Param('id', { schema: id }) roleId: string): Promise<Role> {
    return this.#find(roleId);
  }

  @Patch(':id')
  @RequirePermissions('update:roles')
  update(
    @By() by: Administrator,
    @Param('id', { schema: id }) roleId: string,
    @Body({ schema: roleChanges }) body: z.infer<typeof roleChanges>,
  ): Promise<Role> {
    return this.#roles.update(by, roleId, body);
  }

  @Delete(':id')
  @RequirePermissions('delete:roles')
  async remove(@By() by: Administrator, @Param('id', { schema: id }) roleId: string) {
    await this.#roles.remove(by, roleId);
    return {};
  }

  @Get(':id/permissions')
  @RequirePermissions('read:roles')
  async permissions(
    @Param('id', { schema: id }) roleId: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    await this.#find(roleId);
    const where = and(eq(rolePermission.roleId, roleId), unexpired(rolePermission.expiresAt));
    const rows = () =>
      this.#db
        .select({
          id: permission.id,
          name: permission.name,
          description: permission.description,
          apiName: resourceServer.name,
          apiIdentifier: resourceServer.identifier,
        })
        .from(rolePermission)
        .innerJoin(permission, eq(permission.id, rolePermission.permissionId))
        .innerJoin(resourceServer, eq(resourceServer.id, permission.resourceServerId))
        .$dynamic();
    return pageOf(query, 'permissions', {
      read: ({ limit, offset, after }) =>
        rows()
          .where(and(where, after === undefined ? undefined : gt(permission.id, after)))
          .orderBy(asc(permission.id))
          .limit(limit)
          .offset(offset),
      total: () => this.#db.$count(rolePermission, where),
      placeOf: (row) => row.id,
      wire: (found) => found.map(wirePermission),
    });
  }

  @Post(':id/permissions')
  @HttpCode(201)
  @RequirePermissions('update:roles')
  async givePermissions(
    @By() by: Administrator,
    @Param('id', { schema: id }) roleId: string,
    @Body({ schema: permissionsBody }) body: z.infer<typeof permissionsBody>,
  ) {
    await this.#roles.givePermissions(by, roleId, namedPermissions(body));
    return {};
  }

  @Delete(':id/permissions')
  @HttpCode(204)
  @RequirePermissions('update:roles')
  takePermissions(
    @By() by: Administrator,
    @Param('id', { schema: id }) roleId: string,
    @Body({ schema: permissionsBody }) body: z.infer<typeof permissionsBody>,
  ) {
    return this.#roles.takePermissions(by, roleId, namedPermissions(body));
  }

  @Get(':id/users')
  @RequirePermissions('read:role_members')
  async members(@Param('id', { schema: id }) roleId: string, @Query({ schema: pageQuery }) query: PageQuery) {
    await this.#find(roleId);
    const where = and(eq(userRole.roleId, roleId), unexpired(userRole.expiresAt));
    return pageOf(query, 'users', {
      read: ({ limit, offset, after }) =>
        this.#db
          .select({ id: user.id, email: user.email, picture: user.picture, name: user.name })
          .from(userRole)
          .innerJoin(user, eq(user.id, userRole.userId))
          .where(and(where, after === undefined ? undefined : gt(user.id, after)))
          .orderBy(asc(user.id))
          .limit(limit)
          .offset(offset),
      total: () => this.#db.$count(userRole, where),
      placeOf: (row) => row.id,
      wire: (rows) =>
        rows.map(({ id: user_id, email, picture, name }) => ({
          user_id,
          email,
          picture: picture ?? undefined,
          name,
        })),
    });
  }

  @Post(':id/users')
  @HttpCode(200)
  @RequirePermissions('create:role_members')
  async giveTo(
    @By() by: Administrator,
    @Param('id', { schema: id }) roleId: string,
    @Body({ schema: usersBody }) { users }: z.infer<typeof usersBody>,
  ) {
    await this.#users.giveRoles(by, users, [roleId]);
    return {};
  }

  async #find(roleId: string): Promise<Role> {
    const [found] = await this.#db.select().from(role).where(eq(role.id, roleId));
    if (!found) throw new Absent('role');
    return found;
  }
}
