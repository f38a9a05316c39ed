import { Body, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { eq, inArray, or } from 'drizzle-orm';
import { z } from 'zod';
import type { Administrator } from '../authority/administrator.ts';
import {
  ApiAdministration,
  type ResourceServer,
  type ResourceServerChanges,
} from '../authority/api-administration.ts';
import { Absent, Unfit } from '../authority/refused-change.ts';
import { LONGEST_TOKEN_LIFETIME } from '../changes/longest-token-lifetime.ts';
import type { Database } from '../database/database.ts';
import { permission, resourceServer } from '../database/schema.ts';
import { DATABASE, SETTINGS } from '../identity.tokens.ts';
import type { Settings } from '../settings.ts';
import { ManagementController } from './management-controller.ts';
import { RequirePermissions } from './management-permissions.ts';
import { flag, pageOf, pageQuery } from './page.ts';
import { By } from './request-administrator.ts';
import { tableList } from './table-list.ts';
import { id, text } from './text.ts';

/** What a scope can be (RFC 6749, 3.3). */
const scopeName = z
  .string()
  .max(280)
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'Not a scope');

const changes = z.strictObject({
  name: text(200).optional(),
  scopes: z
    .array(z.strictObject({ value: scopeName, description: text(500).optional() }))
    .max(1000)
    .optional(),
  signing_alg: z.literal('RS256').optional(),
  allow_offline_access: z.boolean().optional(),
  token_lifetime: z.int().min(60).max(LONGEST_TOKEN_LIFETIME).optional(),
  enforce_policies: z.boolean().optional(),
  token_dialect: z
    .enum(['access_token', 'access_token_authz', 'rfc9068_profile', 'rfc9068_profile_authz'])
    .optional(),
  skip_consent_for_verifiable_first_party_clients: z.literal(true).optional(),
});
const fresh = changes.extend({
  identifier: text(600).refine((name) => !/[\s\p{Cc}]/u.test(name), 'Contains a space'),
});
const listQuery = pageQuery.extend({
  identifiers: z.union([text(600), z.array(text(600)).max(50)]).optional(),
  include_fields: flag.optional(),
});
const findQuery = z.strictObject({ include_fields: flag.optional() });

@ManagementController('resource-servers')
export class ResourceServersController {
  readonly #db: Database;
  readonly #administration: ApiAdministration;
  readonly #settings: Settings;

  constructor(
    @Inject(DATABASE) db: Database,
    @Inject(ApiAdministration) administration: ApiAdministration,
    @Inject(SETTINGS) settings: Settings,
  ) {
    this.#db = db;
    this.#administration = administration;
    this.#settings = settings;
  }

  @Get()
  @RequirePermissions('read:resource_servers')
  list(@Query({ schema: listQuery }) query: z.infer<typeof listQuery>) {
    const { identifiers, include_fields: _, ...page } = query;
    return pageOf(
      page,
      'resource_servers',
      tableList({
        db: this.#db,
        table: resourceServer,
        key: resourceServer.id,
        keyOf: (row) => row.id,
        where:
          identifiers === undefined ? undefined : inArray(resourceServer.identifier, [identifiers].flat()),
        wire: (rows) => this.#wire(rows),
      }),
    );
  }

  @Post()
  @RequirePermissions('create:resource_servers')
  async create(@By() by: Administrator, @Body({ schema: fresh }) body: z.infer<typeof fresh>) {
    // What stands below the issuer is the provider's own: /userinfo, this API, what assertions are addressed to.
    if (
      URL.canParse(body.identifier) &&
      new URL(body.identifier).origin === new URL(this.#settings.issuer).origin
    )
      throw new Unfit('An identifier below the issuer is the system’s own.');
    return this.#wireOne(await this.#administration.create(by, body.identifier, changesIn(body)));
  }

  @Get(':id')
  @RequirePermissions('read:resource_servers')
  async find(
    @Param('id', { schema: id }) idOrIdentifier: string,
    @Query({ schema: findQuery }) _query: z.infer<typeof findQuery>,
  ) {
    return this.#wireOne(await this.#find(idOrIdentifier));
  }

  @Patch(':id')
  @RequirePermissions('update:resource_servers')
  async update(
    @By() by: Administrator,
    @Param('id', { schema: id }) idOrIdentifier: string,
    @Body({ schema: changes }) body: z.infer<typeof changes>,
  ) {
    const { id: apiId } = await this.#find(idOrIdentifier);
    return this.#wireOne(await this.#administration.update(by, apiId, changesIn(body)));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermissions('delete:resource_servers')
  async remove(@By() by: Administrator, @Param('id', { schema: id }) idOrIdentifier: string) {
    const { id: apiId } = await this.#find(idOrIdentifier);
    await this.#administration.remove(by, apiId);
  }

  async #find(idOrIdentifier: string): Promise<ResourceServer> {
    const [found] = await this.#db
      .select()
      .from(resourceServer)
      .where(or(eq(resourceServer.id, idOrIdentifier), eq(resourceServer.identifier, idOrIdentifier)));
    if (!found) throw new Absent('resource_server');
    return found;
  }

  async #wireOne(row: ResourceServer) {
    const [wired] = await this.#wire([row]);
    return wired;
  }

  async #wire(rows: readonly ResourceServer[]) {
    const ids = rows.map((row) => row.id);
    const permissions =
      ids.length === 0
        ? []
        : await this.#db
            .select()
            .from(permission)
            .where(inArray(permission.resourceServerId, ids))
            .orderBy(permission.name);
    const scopes = Map.groupBy(permissions, (one) => one.resourceServerId);
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      identifier: row.identifier,
      is_system: row.isSystem,
      scopes: (scopes.get(row.id) ?? []).map(({ name: value, description }) => ({ value, description })),
      signing_alg: 'RS256',
      allow_offline_access: row.allowOfflineAccess,
      token_lifetime: row.tokenLifetime ?? this.#settings.accessTokenTtl,
      enforce_policies: row.enforcePolicies,
      token_dialect: row.tokenDialect,
      skip_consent_for_verifiable_first_party_clients: true,
    }));
  }
}

function changesIn(body: z.infer<typeof changes>): ResourceServerChanges {
  return {
    name: body.name,
    enforcePolicies: body.enforce_policies,
    tokenDialect: body.token_dialect,
    tokenLifetime: body.token_lifetime,
    allowOfflineAccess: body.allow_offline_access,
    permissions: body.scopes?.map(({ value, description = '' }) => ({ name: value, description })),
  };
}
