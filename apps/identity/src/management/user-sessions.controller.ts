import { Body, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Administrator } from '../authority/administrator.ts';
import { Absent } from '../authority/refused-change.ts';
import { ChangeLog } from '../changes/change-log.ts';
import type { Database } from '../database/database.ts';
import { artifact } from '../database/schema.ts';
import { DATABASE } from '../identity.tokens.ts';
import { UserStore } from '../people/user-store.ts';
import { Revocations } from '../revocation/revocations.ts';
import { artifactsAlive, findAlive } from './artifact-rows.ts';
import { ManagementController } from './management-controller.ts';
import { RequirePermissions } from './management-permissions.ts';
import { byCheckpoint, pageQuery, type PageQuery } from './page.ts';
import { RefreshTokenRows } from './refresh-token-rows.ts';
import { By } from './request-administrator.ts';
import { wireSession } from './session.wire.ts';
import { id, text } from './text.ts';

const revokeBody = z
  .strictObject({
    session_id: text(100).optional(),
    /** Here a refresh token ends with the session that it came from. */
    preserve_refresh_tokens: z.literal(false).optional(),
  })
  .optional();

/** Where a user is logged in, and logging them out. */
@ManagementController('users/:id')
export class UserSessionsController {
  readonly #db: Database;
  readonly #users: UserStore;
  readonly #changes: ChangeLog;
  readonly #revocations: Revocations;
  readonly #refreshTokens: RefreshTokenRows;

  constructor(
    @Inject(DATABASE) db: Database,
    @Inject(UserStore) users: UserStore,
    @Inject(ChangeLog) changes: ChangeLog,
    @Inject(Revocations) revocations: Revocations,
    @Inject(RefreshTokenRows) refreshTokens: RefreshTokenRows,
  ) {
    this.#db = db;
    this.#users = users;
    this.#changes = changes;
    this.#revocations = revocations;
    this.#refreshTokens = refreshTokens;
  }

  @Get('sessions')
  @RequirePermissions('read:sessions')
  async sessions(
    @Param('id', { schema: id }) userId: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    await this.#assertThere(userId);
    const ofUser = eq(artifact.accountId, userId);
    return byCheckpoint(
      query,
      'sessions',
      artifactsAlive(this.#db, 'Session', ofUser, (rows) => rows.map(wireSession)),
    );
  }

  @Delete('sessions')
  @HttpCode(202)
  @RequirePermissions('delete:sessions')
  async endSessions(@By() { actor }: Administrator, @Param('id', { schema: id }) userId: string) {
    await this.#assertThere(userId);
    await this.#changes.write(actor, async (tx, record) => {
      for (const { sessionUid } of await findAlive(tx, 'Session', eq(artifact.accountId, userId))) {
        if (sessionUid !== null) await this.#revocations.sessionEnded({ tx, record }, sessionUid);
      }
    });
    return {};
  }

  @Get('refresh-tokens')
  @RequirePermissions('read:refresh_tokens')
  async refreshTokens(
    @Param('id', { schema: id }) userId: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    await this.#assertThere(userId);
    return byCheckpoint(query, 'tokens', this.#refreshTokens.list({ userId }));
  }

  @Delete('refresh-tokens')
  @HttpCode(202)
  @RequirePermissions('delete:refresh_tokens')
  async endRefreshTokens(@By() { actor }: Administrator, @Param('id', { schema: id }) userId: string) {
    await this.#assertThere(userId);
    await this.#refreshTokens.end(actor, { userId });
    return {};
  }

  @Post('revoke-access')
  @HttpCode(202)
  @RequirePermissions('delete:sessions', 'delete:refresh_tokens')
  async revokeAccess(
    @By() { actor }: Administrator,
    @Param('id', { schema: id }) userId: string,
    @Body({ schema: revokeBody }) body: z.infer<typeof revokeBody>,
  ) {
    await this.#assertThere(userId);
    if (body?.session_id === undefined) {
      await this.#revocations.endUser(actor, userId);
      return {};
    }
    const [session] = await findAlive(
      this.#db,
      'Session',
      and(eq(artifact.accountId, userId), eq(artifact.publicId, body.session_id)),
    );
    if (session?.sessionUid == null) throw new Absent('session');
    await this.#revocations.endSession(actor, session.sessionUid);
    return {};
  }

  async #assertThere(userId: string): Promise<void> {
    if (!(await this.#users.find(userId))) throw new Absent('user');
  }
}
