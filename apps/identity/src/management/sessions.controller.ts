import { Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import type { Administrator } from '../authority/administrator.ts';
import { Absent } from '../authority/refused-change.ts';
import type { Database } from '../database/database.ts';
import { artifact } from '../database/schema.ts';
import { DATABASE } from '../identity.tokens.ts';
import { Revocations } from '../revocation/revocations.ts';
import { findAlive, type ArtifactRow } from './artifact-rows.ts';
import { ManagementController } from './management-controller.ts';
import { RequirePermissions } from './management-permissions.ts';
import { By } from './request-administrator.ts';
import { wireSession } from './session.wire.ts';
import { id } from './text.ts';

@ManagementController('sessions')
export class SessionsController {
  readonly #db: Database;
  readonly #revocations: Revocations;

  constructor(@Inject(DATABASE) db: Database, @Inject(Revocations) revocations: Revocations) {
    this.#db = db;
    this.#revocations = revocations;
  }

  @Get(':id')
  @RequirePermissions('read:sessions')
  async find(@Param('id', { schema: id }) publicId: string) {
    return wireSession(await this.#find(publicId));
  }

  @Delete(':id')
  @HttpCode(202)
  @RequirePermissions('delete:sessions')
  end(@By() by: Administrator, @Param('id', { schema: id }) publicId: string) {
    return this.#end(by, publicId);
  }

  /** As DELETE: here refresh tokens never outlive their session. */
  @Post(':id/revoke')
  @HttpCode(202)
  @RequirePermissions('delete:sessions', 'delete:refresh_tokens')
  revoke(@By() by: Administrator, @Param('id', { schema: id }) publicId: string) {
    return this.#end(by, publicId);
  }

  async #end({ actor }: Administrator, publicId: string) {
    const { sessionUid } = await this.#find(publicId);
    if (sessionUid === null) throw new Absent('session');
    await this.#revocations.endSession(actor, sessionUid);
    return {};
  }

  async #find(publicId: string): Promise<ArtifactRow> {
    const [found] = await findAlive(this.#db, 'Session', eq(artifact.publicId, publicId));
    if (!found) throw new Absent('session');
    return found;
  }
}
