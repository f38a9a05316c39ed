import { Injectable } from '@nestjs/common';
import { and, eq, inArray, sql, type SQL } from 'drizzle-orm';
import type { Actor } from '../changes/actor.ts';
import { ChangeLog } from '../changes/change-log.ts';
import type { Database } from '../database/database.ts';
import { artifact } from '../database/schema.ts';
import { Revocations } from '../revocation/revocations.ts';
import { artifactsAlive, findAlive, type ArtifactRow } from './artifact-rows.ts';
import type { Listed } from './page.ts';

export interface WhichRefreshTokens {
  readonly ids?: readonly string[] | undefined;
  readonly userId?: string | undefined;
  readonly clientId?: string | undefined;
  readonly audience?: string | undefined;
}

/** Refresh tokens that are still good, without what could be presented. */
@Injectable()
export class RefreshTokenRows {
  readonly #db: Database;
  readonly #changes: ChangeLog;
  readonly #revocations: Revocations;

  constructor(db: Database, changes: ChangeLog, revocations: Revocations) {
    this.#db = db;
    this.#changes = changes;
    this.#revocations = revocations;
  }

  list(which: WhichRefreshTokens): Listed<ArtifactRow> {
    return artifactsAlive(this.#db, 'RefreshToken', condition(which), (rows) => this.#wire(rows));
  }

  async find(id: string) {
    const rows = await findAlive(this.#db, 'RefreshToken', condition({ ids: [id] }));
    const [found] = await this.#wire(rows);
    return found;
  }

  /** With them ends what the user let the client do: access tokens that came of it are denied. Returns how many. */
  end(actor: Actor, which: WhichRefreshTokens): Promise<number> {
    return this.#changes.write(actor, async (tx, record) => {
      const rows = await findAlive(tx, 'RefreshToken', condition(which));
      for (const grantId of new Set(rows.flatMap((row) => row.grantId ?? [])))
        await this.#revocations.grantEnded({ tx, record }, grantId);
      return rows.length;
    });
  }

  async #wire(rows: readonly ArtifactRow[]) {
    const uids = rows.flatMap(({ sessionUid }) => sessionUid ?? []);
    const sessions =
      uids.length === 0 ? [] : await findAlive(this.#db, 'Session', inArray(artifact.sessionUid, uids));
    const publicIds = new Map(sessions.map(({ sessionUid, publicId }) => [sessionUid, publicId]));
    return rows.map(({ publicId, accountId, clientId, createdAt, expiresAt, sessionUid, payload }) => ({
      id: publicId,
      user_id: accountId,
      client_id: clientId,
      session_id: publicIds.get(sessionUid) ?? null,
      created_at: createdAt,
      idle_expires_at: expiresAt,
      expires_at: expiresAt,
      rotating: true,
      resource_servers: [payload.resource ?? []].flat().map((audience) => ({
        audience,
        scopes: typeof payload.scope === 'string' ? payload.scope : '',
      })),
    }));
  }
}

function condition({ ids, userId, clientId, audience }: WhichRefreshTokens): SQL | undefined {
  return and(
    ids && inArray(artifact.publicId, [...ids]),
    userId === undefined ? undefined : eq(artifact.accountId, userId),
    clientId === undefined ? undefined : eq(artifact.clientId, clientId),
    audience === undefined
      ? undefined
      : sql`${artifact.payload} -> 'resource' @> ${JSON.stringify(audience)}::jsonb`,
  );
}
