import { Delete, Get, HttpCode, Inject, Param, Query } from '@nestjs/common';
import { and, eq, sql, type SQL } from 'drizzle-orm';
import { z } from 'zod';
import type { Administrator } from '../authority/administrator.ts';
import { Absent } from '../authority/refused-change.ts';
import { ChangeLog } from '../changes/change-log.ts';
import type { Database } from '../database/database.ts';
import { artifact } from '../database/schema.ts';
import { DATABASE, SETTINGS } from '../identity.tokens.ts';
import { Revocations } from '../revocation/revocations.ts';
import type { Settings } from '../settings.ts';
import { artifactsAlive, findAlive, type ArtifactRow } from './artifact-rows.ts';
import { ManagementController } from './management-controller.ts';
import { RequirePermissions } from './management-permissions.ts';
import { pageOf, pageQuery } from './page.ts';
import { By } from './request-administrator.ts';
import { id, text } from './text.ts';

const listQuery = pageQuery.extend({
  user_id: text(300).optional(),
  client_id: text(200).optional(),
  audience: text(600).optional(),
});
/** What oidc-provider keeps of a grant, as far as it is shown. */
const payloadSchema = z.object({
  resources: z.record(z.string(), z.string()).optional(),
  openid: z.object({ scope: z.string().optional() }).optional(),
});
const endQuery = z.strictObject({ user_id: text(300) });

/** What users let clients do. */
@ManagementController('grants')
export class GrantsController {
  readonly #db: Database;
  readonly #changes: ChangeLog;
  readonly #revocations: Revocations;
  readonly #userinfo: string;

  constructor(
    @Inject(DATABASE) db: Database,
    @Inject(ChangeLog) changes: ChangeLog,
    @Inject(Revocations) revocations: Revocations,
    @Inject(SETTINGS) { issuer }: Settings,
  ) {
    this.#db = db;
    this.#changes = changes;
    this.#revocations = revocations;
    this.#userinfo = `${issuer}userinfo`;
  }

  @Get()
  @RequirePermissions('read:grants')
  list(@Query({ schema: listQuery }) query: z.infer<typeof listQuery>) {
    const { user_id: userId, client_id: clientId, audience, ...page } = query;
    const which = and(
      userId === undefined ? undefined : eq(artifact.accountId, userId),
      clientId === undefined ? undefined : eq(artifact.clientId, clientId),
      audience === undefined ? undefined : sql`${artifact.payload} -> 'resources' ? ${audience}`,
    );
    return pageOf(
      page,
      'grants',
      artifactsAlive(this.#db, 'Grant', which, (rows) => rows.flatMap((row) => this.#wire(row, audience))),
    );
  }

  @Delete()
  @HttpCode(204)
  @RequirePermissions('delete:grants')
  async endOfUser(
    @By() by: Administrator,
    @Query({ schema: endQuery }) { user_id: userId }: z.infer<typeof endQuery>,
  ) {
    await this.#end(by, eq(artifact.accountId, userId));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermissions('delete:grants')
  async end(@By() by: Administrator, @Param('id', { schema: id }) publicId: string) {
    if ((await this.#end(by, eq(artifact.publicId, publicId))) === 0) throw new Absent('grant');
  }

  #end({ actor }: Administrator, which: SQL): Promise<number> {
    return this.#changes.write(actor, async (tx, record) => {
      const rows = await findAlive(tx, 'Grant', which);
      for (const { grantId } of rows) {
        if (grantId !== null) await this.#revocations.grantEnded({ tx, record }, grantId);
      }
      return rows.length;
    });
  }

  /** A row for each API, as Auth0 has them; deleting one ends the grant as a whole. */
  #wire({ publicId, accountId, clientId, payload }: ArtifactRow, audience: string | undefined) {
    const { resources = {}, openid } = payloadSchema.parse(payload);
    const scopes = Object.entries(resources).map(([api, scope]) => ({ api, scope }));
    const ofLogin = { api: this.#userinfo, scope: openid?.scope ?? '' };
    const shown = scopes.length === 0 ? [ofLogin] : scopes;
    return shown
      .filter(({ api }) => audience === undefined || api === audience)
      .map(({ api, scope }) => ({
        id: publicId,
        clientID: clientId,
        user_id: accountId,
        audience: api,
        scope: scope.split(' ').filter(Boolean),
      }));
  }
}
