import { and, eq, isNull, sql, type SQL } from 'drizzle-orm';
import { createHash } from 'node:crypto';
import { errors, Provider, type Adapter, type AdapterPayload } from 'oidc-provider';
import type { Database } from '../database/database.ts';
import { artifact } from '../database/schema.ts';
import { endsForGood, tombstone } from './ended-artifacts.ts';

type Row = typeof artifact.$inferSelect;

/**
 * Where oidc-provider keeps what it issues. Rows are found by the hash of their identifier, and the
 * identifier is in no column: whoever reads the table holds nothing that can be presented.
 */
export class ArtifactAdapter implements Adapter {
  readonly #model: string;
  readonly #db: Database;
  readonly #refreshLeeway: number;

  constructor(model: string, db: Database, options: { readonly refreshLeeway: number }) {
    this.#model = model;
    this.#db = db;
    this.#refreshLeeway = options.refreshLeeway * 1000;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    if (HAS_NUL.test(JSON.stringify(payload))) {
      throw new errors.InvalidRequest('a parameter contains the character NUL');
    }
    const values = {
      model: this.#model,
      idHash: this.#hashOf(id),
      payload: withoutId(payload, id),
      // A grant's own id, too: it is in tokens and cannot be presented, and administration lists by it.
      grantId: (this.#model === 'Grant' ? id : payload.grantId) ?? null,
      accountId: payload.accountId ?? null,
      clientId: payload.clientId ?? null,
      sessionUid: (this.#model === 'Session' ? payload.uid : payload.sessionUid) ?? null,
      userCode: payload.userCode ?? null,
      expiresAt: expiresIn === undefined ? null : new Date(Date.now() + expiresIn * 1000),
    };
    if (this.#model === 'ReplayDetection') return this.#insertOnce(values);
    await this.#db
      .insert(artifact)
      .values(values)
      .onConflictDoUpdate({
        target: [artifact.model, artifact.idHash],
        // `consumed_at` is left alone: saving again must not make a used code usable.
        set: { ...values, payload: this.#model === 'Session' ? mergedSession : values.payload },
        ...(endsForGood(this.#model) ? { setWhere: isNull(artifact.consumedAt) } : undefined),
      });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    // A handle is for pages that were given a user code; a device presents its own code.
    if (this.#isHandle(id) && Provider.ctx?.oidc.route === 'token') return undefined;
    const row = await this.#select(eq(artifact.idHash, this.#hashOf(id)));
    if (!row || this.#isTombstone(row)) return undefined;
    if (this.#lostARace(row)) throw new errors.InvalidGrant('refresh token was used a moment ago');
    return withId(row, id);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const row = await this.#select(eq(artifact.sessionUid, uid));
    return row && withId(row, undefined);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    const row = await this.#select(eq(artifact.userCode, userCode));
    return row && withId(row, handleOf(row));
  }

  /** Compare-and-set: of any number at once, one succeeds. */
  async consume(id: string): Promise<void> {
    const consumed = await this.#db
      .update(artifact)
      .set({ consumedAt: new Date() })
      .where(
        and(
          eq(artifact.model, this.#model),
          eq(artifact.idHash, this.#hashOf(id)),
          isNull(artifact.consumedAt),
        ),
      )
      .returning({ idHash: artifact.idHash });
    if (consumed.length === 0) throw new errors.InvalidGrant('used by a parallel request');
  }

  async destroy(id: string): Promise<void> {
    const it = and(eq(artifact.model, this.#model), eq(artifact.idHash, this.#hashOf(id)));
    if (endsForGood(this.#model)) {
      await this.#db.update(artifact).set(tombstone()).where(it);
    } else {
      await this.#db.delete(artifact).where(it);
    }
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.#db
      .delete(artifact)
      .where(and(eq(artifact.model, this.#model), eq(artifact.grantId, grantId)));
  }

  #isHandle(id: string): boolean {
    return this.#model === 'DeviceCode' && id.startsWith(HANDLE);
  }

  #hashOf(id: string): string {
    return this.#isHandle(id) ? id.slice(HANDLE.length) : createHash('sha256').update(id).digest('base64url');
  }

  #isTombstone({ consumedAt }: Row): boolean {
    return consumedAt !== null && endsForGood(this.#model);
  }

  async #select(condition: SQL): Promise<Row | undefined> {
    const [row] = await this.#db
      .select()
      .from(artifact)
      .where(and(eq(artifact.model, this.#model), condition));
    return row;
  }

  /** Only the first use of a one-time identifier may be stored (RFC 9449, 11.1). */
  async #insertOnce(values: typeof artifact.$inferInsert): Promise<void> {
    const inserted = await this.#db
      .insert(artifact)
      .values(values)
      .onConflictDoNothing()
      .returning({ idHash: artifact.idHash });
    if (inserted.length === 0) throw new errors.InvalidRequest('one-time value was used before');
  }

  /**
   * Two tabs that refresh at once are no theft. Presented again within the leeway, a used refresh
   * token is refused here, before oidc-provider sees it and ends the whole family; later it does.
   */
  #lostARace({ consumedAt }: Row): boolean {
    return (
      this.#model === 'RefreshToken' &&
      consumedAt !== null &&
      Date.now() - consumedAt.getTime() < this.#refreshLeeway &&
      Provider.ctx?.oidc.route === 'token'
    );
  }
}

/** Two clients that log in at once in one browser must not undo each other's entry in the session. */
const mergedSession = sql`excluded.payload || jsonb_build_object('authorizations',
  coalesce(${artifact.payload} -> 'authorizations', '{}') || coalesce(excluded.payload -> 'authorizations', '{}'))`;

/** Postgres has no place for this character in text: here it is, escaped, and its backslash is none that was escaped. */
const HAS_NUL = /(?<!\\)(?:\\\\)*\\u0000/;

const HANDLE = '#';

/** What stands for a device code, which only the device knows, begins like this; no identifier does. */
function handleOf({ idHash }: Row): string {
  return HANDLE + idHash;
}

const ID = '{id}';

/** oidc-provider repeats the identifier in `jti`, an interaction's also in the address it returns to. */
function withoutId(payload: AdapterPayload, id: string): AdapterPayload {
  const { jti, returnTo, session, ...rest } = payload;
  if (jti !== undefined && jti !== id) throw new TypeError('stored under another identifier');
  return {
    ...rest,
    ...(returnTo === undefined ? undefined : { returnTo: returnTo.replace(id, ID) }),
    ...(session === undefined ? undefined : { session: { ...session, cookie: undefined } }),
  };
}

function withId({ payload, consumedAt }: Row, id: string | undefined): AdapterPayload {
  const { returnTo } = payload;
  return {
    ...payload,
    ...(id === undefined ? undefined : { jti: id }),
    ...(id !== undefined && returnTo !== undefined ? { returnTo: returnTo.replace(ID, id) } : undefined),
    ...(consumedAt === null ? undefined : { consumed: Math.floor(consumedAt.getTime() / 1000) }),
  };
}
