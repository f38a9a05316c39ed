import { and, eq, isNull, sql, type SQL } from 'drizzle-orm';
import { errors, Provider, type Adapter, type AdapterPayload } from 'oidc-provider';
import type { Database } from '../database/database.ts';
import { artifact } from '../database/schema.ts';
import type { Revocations } from '../revocation/revocations.ts';
import { artifactRow, hashId, payloadOf, type Artifact } from './artifact-row.ts';
import { endsForGood, tombstone } from './ended-artifacts.ts';
import type { RefreshRotation } from './refresh-rotation.ts';
import { isWholeLogout, whoEnds } from './who-ends.ts';

/**
 * Where oidc-provider keeps what it issues. Rows are found by the hash of their identifier, and the
 * identifier is in no column: whoever reads the table holds nothing that can be presented.
 */
export class ArtifactAdapter implements Adapter {
  readonly #model: string;
  readonly #db: Database;
  readonly #rotation: RefreshRotation;
  readonly #revocations: Revocations;

  constructor(
    model: string,
    db: Database,
    parts: { readonly rotation: RefreshRotation; readonly revocations: Revocations },
  ) {
    this.#model = model;
    this.#db = db;
    this.#rotation = parts.rotation;
    this.#revocations = parts.revocations;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    if (HAS_NUL.test(JSON.stringify(payload))) {
      throw new errors.InvalidRequest('a parameter contains the character NUL');
    }
    const storable = { id, payload, expiresIn };
    if (this.#model === 'RefreshToken' && this.#rotation.hold(Provider.ctx, storable)) return;
    const values = { ...artifactRow(this.#model, storable), idHash: this.#hashOf(id) };
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
    // Two tabs that refresh at once are no theft; what oidc-provider sees as used ends the whole family.
    const again =
      row.consumedAt !== null && this.#isRefresh() && (await this.#rotation.successorWithinLeeway(id));
    return payloadOf(again ? { ...row, consumedAt: null } : row, id);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const row = await this.#select(eq(artifact.sessionUid, uid));
    return row && payloadOf(row, undefined);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    const row = await this.#select(eq(artifact.userCode, userCode));
    return row && payloadOf(row, handleOf(row));
  }

  /** Compare-and-set: of any number at once, one succeeds. */
  async consume(id: string): Promise<void> {
    if (Provider.ctx && this.#isRefresh()) {
      this.#rotation.begin(Provider.ctx, id);
      return;
    }
    const [first] = await this.#db
      .update(artifact)
      .set({ consumedAt: sql`now()` })
      .where(and(this.#is(id), isNull(artifact.consumedAt)))
      .returning({ idHash: artifact.idHash });
    if (first) return;
    await this.#usedTwice(id);
    throw new errors.InvalidGrant('used by a parallel request');
  }

  async destroy(id: string): Promise<void> {
    if (this.#model === 'Grant') {
      await this.#endGrant(id);
    } else if (this.#model === 'Session' && !isFormerIdentifier(id)) {
      await this.#endSession(id);
    } else if (this.#model === 'RefreshToken') {
      await this.#endFamily(id);
    } else if (endsForGood(this.#model)) {
      await this.#db.update(artifact).set(tombstone()).where(this.#is(id));
    } else {
      await this.#db.delete(artifact).where(this.#is(id));
    }
  }

  /** oidc-provider asks this of one model after the other; it is one change, and none is done without the rest. */
  async revokeByGrantId(grantId: string): Promise<void> {
    if (!isWholeLogout(Provider.ctx)) await this.#endGrant(grantId);
  }

  #endGrant(grantId: string): Promise<void> {
    return this.#revocations.endGrant(whoEnds(Provider.ctx), grantId);
  }

  /** Of a refresh token that is revoked, or used again: without it nothing would be left to tell by. */
  async #endFamily(id: string): Promise<void> {
    const token = await this.#select(eq(artifact.idHash, hashId(id)));
    if (token?.grantId != null) await this.#endGrant(token.grantId);
    else await this.#db.delete(artifact).where(this.#is(id));
  }

  async #endSession(id: string): Promise<void> {
    const session = await this.#select(eq(artifact.idHash, hashId(id)));
    if (session?.sessionUid == null || session.accountId === null) {
      // Nobody is logged in: no change of authority, and none that a stranger could fill the log with.
      await this.#db.update(artifact).set(tombstone()).where(this.#is(id));
      return;
    }
    const ender = whoEnds(Provider.ctx);
    const actor = { ...ender, subject: session.accountId, reason: 'logged out' };
    // Logging out of the browser ends what was started there; a command line outlives it.
    await this.#revocations.endSession(actor, session.sessionUid, { keepNative: true });
  }

  /** RFC 6749, 4.1.2: what the first use of a code brought ends as well, also when both come at once. */
  async #usedTwice(id: string): Promise<void> {
    if (this.#model !== 'AuthorizationCode') return;
    const code = await this.#select(eq(artifact.idHash, hashId(id)));
    if (code?.grantId != null) await this.#endGrant(code.grantId);
  }

  #isRefresh(): boolean {
    return this.#model === 'RefreshToken' && Provider.ctx?.oidc.route === 'token';
  }

  #isHandle(id: string): boolean {
    return this.#model === 'DeviceCode' && id.startsWith(HANDLE);
  }

  #hashOf(id: string): string {
    return this.#isHandle(id) ? id.slice(HANDLE.length) : hashId(id);
  }

  #isTombstone({ consumedAt }: Artifact): boolean {
    return consumedAt !== null && endsForGood(this.#model);
  }

  #is(id: string) {
    return and(eq(artifact.model, this.#model), eq(artifact.idHash, this.#hashOf(id)));
  }

  async #select(condition: SQL): Promise<Artifact | undefined> {
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
}

/** Two clients that log in at once in one browser must not undo each other's entry in the session. */
const mergedSession = sql`excluded.payload || jsonb_build_object('authorizations',
  coalesce(${artifact.payload} -> 'authorizations', '{}') || coalesce(excluded.payload -> 'authorizations', '{}'))`;

/** A session gets a new identifier when somebody logs in; giving the former one up ends nothing else. */
function isFormerIdentifier(id: string): boolean {
  const session: object = Provider.ctx?.oidc?.session ?? {};
  return 'oldId' in session && session.oldId === id;
}

/** Postgres has no place for this character in text: here it is, escaped, and its backslash is none that was escaped. */
const HAS_NUL = /(?<!\\)(?:\\\\)*\\u0000/;

const HANDLE = '#';

/** What stands for a device code, which only the device knows, begins like this; no identifier does. */
function handleOf({ idHash }: Artifact): string {
  return HANDLE + idHash;
}
