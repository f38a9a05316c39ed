import { Body, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { and, eq, inArray } from 'drizzle-orm';
import type { z } from 'zod';
import type { Administrator } from '../authority/administrator.ts';
import { ClientAdministration, type ClientWithSecret } from '../authority/client-administration.ts';
import { Absent } from '../authority/refused-change.ts';
import type { Database } from '../database/database.ts';
import { client } from '../database/schema.ts';
import { DATABASE } from '../identity.tokens.ts';
import { changesOf, clientChanges, clientsQuery, freshClient, newClient, wireClient } from './client.wire.ts';
import { ManagementController } from './management-controller.ts';
import { RequirePermissions } from './management-permissions.ts';
import { pageOf } from './page.ts';
import { By } from './request-administrator.ts';
import { fieldsOnly, selected } from './selected-fields.ts';
import { tableList } from './table-list.ts';
import { id } from './text.ts';

@ManagementController('clients')
export class ClientsController {
  readonly #db: Database;
  readonly #administration: ClientAdministration;

  constructor(
    @Inject(DATABASE) db: Database,
    @Inject(ClientAdministration) administration: ClientAdministration,
  ) {
    this.#db = db;
    this.#administration = administration;
  }

  @Get()
  @RequirePermissions('read:clients')
  list(@Query({ schema: clientsQuery }) query: z.infer<typeof clientsQuery>) {
    const { fields, include_fields, is_first_party, is_global: _, app_type, ...page } = query;
    return pageOf(
      page,
      'clients',
      tableList({
        db: this.#db,
        table: client,
        key: client.id,
        keyOf: (row) => row.id,
        where: and(
          is_first_party === undefined ? undefined : eq(client.firstParty, is_first_party),
          app_type === undefined ? undefined : inArray(client.kind, app_type),
        ),
        wire: (rows) => rows.map((row) => selected(wireClient(row), { fields, include_fields })),
      }),
    );
  }

  @Post()
  @RequirePermissions('create:clients')
  async create(@By() by: Administrator, @Body({ schema: newClient }) body: z.infer<typeof newClient>) {
    return withSecret(await this.#administration.create(by, freshClient(body)));
  }

  @Get(':id')
  @RequirePermissions('read:clients')
  async find(
    @Param('id', { schema: id }) clientId: string,
    @Query({ schema: fieldsOnly }) fields: z.infer<typeof fieldsOnly>,
  ) {
    const [found] = await this.#db.select().from(client).where(eq(client.id, clientId));
    if (!found) throw new Absent('client');
    return selected(wireClient(found), fields);
  }

  @Patch(':id')
  @RequirePermissions('update:clients')
  async update(
    @By() by: Administrator,
    @Param('id', { schema: id }) clientId: string,
    @Body({ schema: clientChanges }) body: z.infer<typeof clientChanges>,
  ) {
    return wireClient(await this.#administration.update(by, clientId, changesOf(body)));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermissions('delete:clients')
  remove(@By() by: Administrator, @Param('id', { schema: id }) clientId: string) {
    return this.#administration.remove(by, clientId);
  }

  @Post(':id/rotate-secret')
  @HttpCode(200)
  @RequirePermissions('update:client_keys')
  async rotateSecret(@By() by: Administrator, @Param('id', { schema: id }) clientId: string) {
    return withSecret(await this.#administration.rotateSecret(by, clientId));
  }
}

/** The only two answers that a secret is ever in. */
function withSecret({ client: row, secret }: ClientWithSecret) {
  return { ...wireClient(row), ...(secret === undefined ? undefined : { client_secret: secret }) };
}
