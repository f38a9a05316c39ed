import { Body, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { and, eq, inArray } from 'drizzle-orm';
import { z } from 'zod';
import type { Administrator } from '../authority/administrator.ts';
import { ClientGrantAdministration, type ClientGrant } from '../authority/client-grant-administration.ts';
import { Absent } from '../authority/refused-change.ts';
import type { Database } from '../database/database.ts';
import { clientGrant, clientGrantPermission, permission, resourceServer } from '../database/schema.ts';
import { unexpired } from '../database/unexpired.ts';
import { DATABASE } from '../identity.tokens.ts';
import { ManagementController } from './management-controller.ts';
import { RequirePermissions } from './management-permissions.ts';
import { pageOf, pageQuery } from './page.ts';
import { By } from './request-administrator.ts';
import { tableList } from './table-list.ts';
import { id, text } from './text.ts';

const scope = z.array(text(280)).max(1000);
/** One grant holds for the client itself and for users through it; Auth0 tells them apart. */
const fresh = z.strictObject({ client_id: text(200), audience: text(600), scope: scope.optional() });
const changes = z.strictObject({ scope: scope.optional() });
const listQuery = pageQuery.extend({ client_id: text(200).optional(), audience: text(600).optional() });

@ManagementController('client-grants')
export class ClientGrantsController {
  readonly #db: Database;
  readonly #administration: ClientGrantAdministration;

  constructor(
    @Inject(DATABASE) db: Database,
    @Inject(ClientGrantAdministration) administration: ClientGrantAdministration,
  ) {
    this.#db = db;
    this.#administration = administration;
  }

  @Get()
  @RequirePermissions('read:client_grants')
  list(@Query({ schema: listQuery }) query: z.infer<typeof listQuery>) {
    const { client_id: clientId, audience, ...page } = query;
    const ofAudience = this.#db
      .select({ id: resourceServer.id })
      .from(resourceServer)
      .where(eq(resourceServer.identifier, audience ?? ''));
    return pageOf(
      page,
      'client_grants',
      tableList({
        db: this.#db,
        table: clientGrant,
        key: clientGrant.id,
        keyOf: (row) => row.id,
        where: and(
          clientId === undefined ? undefined : eq(clientGrant.clientId, clientId),
          audience === undefined ? undefined : inArray(clientGrant.resourceServerId, ofAudience),
        ),
        wire: (rows) => this.#wire(rows),
      }),
    );
  }

  @Post()
  @RequirePermissions('create:client_grants')
  async create(@By() by: Administrator, @Body({ schema: fresh }) body: z.infer<typeof fresh>) {
    return this.#wireOne(
      await this.#administration.create(by, {
        clientId: body.client_id,
        audience: body.audience,
        scope: body.scope ?? [],
      }),
    );
  }

  @Get(':id')
  @RequirePermissions('read:client_grants')
  async find(@Param('id', { schema: id }) grantId: string) {
    const [found] = await this.#db.select().from(clientGrant).where(eq(clientGrant.id, grantId));
    if (!found) throw new Absent('client_grant');
    return this.#wireOne(found);
  }

  @Patch(':id')
  @RequirePermissions('update:client_grants')
  async update(
    @By() by: Administrator,
    @Param('id', { schema: id }) grantId: string,
    @Body({ schema: changes }) body: z.infer<typeof changes>,
  ) {
    if (body.scope === undefined) return this.find(grantId);
    return this.#wireOne(await this.#administration.update(by, grantId, body.scope));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermissions('delete:client_grants')
  remove(@By() by: Administrator, @Param('id', { schema: id }) grantId: string) {
    return this.#administration.remove(by, grantId);
  }

  async #wireOne(row: ClientGrant) {
    const [wired] = await this.#wire([row]);
    return wired;
  }

  async #wire(rows: readonly ClientGrant[]) {
    if (rows.length === 0) return [];
    const permissions = await this.#db
      .select({ grant: clientGrantPermission.clientGrantId, name: permission.name })
      .from(clientGrantPermission)
      .innerJoin(permission, eq(permission.id, clientGrantPermission.permissionId))
      .where(
        and(
          inArray(
            clientGrantPermission.clientGrantId,
            rows.map((row) => row.id),
          ),
          unexpired(clientGrantPermission.expiresAt),
        ),
      )
      .orderBy(permission.name);
    const apis = await this.#db
      .select()
      .from(resourceServer)
      .where(
        inArray(
          resourceServer.id,
          rows.map((row) => row.resourceServerId),
        ),
      );
    const scopes = Map.groupBy(permissions, ({ grant }) => grant);
    const audiences = new Map(apis.map((api) => [api.id, api.identifier]));
    return rows.map((row) => ({
      id: row.id,
      client_id: row.clientId,
      audience: audiences.get(row.resourceServerId),
      scope: (scopes.get(row.id) ?? []).map(({ name }) => name),
    }));
  }
}
