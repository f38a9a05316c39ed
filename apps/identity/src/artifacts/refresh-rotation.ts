import { and, eq, getTableColumns, isNull, sql, type SQL } from 'drizzle-orm';
import { errors } from 'oidc-provider';
import type { Database } from '../database/database.ts';
import { artifact } from '../database/schema.ts';
import { artifactRow, hashId, type Storable } from './artifact-row.ts';
import { sealSuccessor, unsealSuccessor } from './sealed-successor.ts';

const REFRESH_TOKEN = 'RefreshToken';

interface Rotation {
  readonly used: string;
  successor?: Storable;
}

/**
 * One refresh token is good for one successor, whatever node is asked and however often. What oidc-provider
 * does in two writes is held back until the whole answer is made, and then done at once: a request that fails
 * half-way has used up nothing, and of two at the same time both end with the same successor.
 */
export class RefreshRotation {
  readonly #db: Database;
  readonly #leeway: number;
  readonly #pending = new WeakMap<object, Rotation>();

  /** @param options.leeway seconds after its first use in which a token brings the same successor again */
  constructor(db: Database, options: { readonly leeway: number }) {
    this.#db = db;
    this.#leeway = options.leeway;
  }

  /** Instead of marking the token as used. */
  begin(request: object, used: string): void {
    this.#pending.set(request, { used });
  }

  /** Instead of storing the successor; false when this request rotates none. */
  hold(request: object | undefined, successor: Storable): boolean {
    const rotation = request && this.#pending.get(request);
    if (rotation) rotation.successor = successor;
    return rotation !== undefined;
  }

  /**
   * The refresh token to answer with: the held one, or what a parallel request got for the same token.
   * Undefined when this request rotates none.
   *
   * @throws InvalidGrant when the token has ended meanwhile, or its successor was used
   */
  async finish(request: object): Promise<string | undefined> {
    const rotation = this.#pending.get(request);
    this.#pending.delete(request);
    if (!rotation?.successor) return undefined;
    const { used, successor } = rotation;
    if (await this.#rotated(used, successor)) return successor.id;
    const given = await this.successorWithinLeeway(used);
    if (given === undefined) throw new errors.InvalidGrant('refresh token was used a moment ago');
    return given;
  }

  /** What was given for a used token, as long as giving it again is no second branch of its family. */
  async successorWithinLeeway(used: string): Promise<string | undefined> {
    const [row] = await this.#db
      .select({ successor: artifact.successor })
      .from(artifact)
      .where(
        and(
          this.#is(used),
          // By the database's clock: another node may have written it.
          sql`${artifact.consumedAt} > now() - make_interval(secs => ${this.#leeway})`,
        ),
      );
    if (!row?.successor) return undefined;
    const successor = unsealSuccessor(row.successor, used);
    const [unused] = await this.#db
      .select({ idHash: artifact.idHash })
      .from(artifact)
      .where(and(this.#is(successor), isNull(artifact.consumedAt)));
    return unused && successor;
  }

  /** One statement, in one round trip: both are done, or neither. */
  async #rotated(used: string, successor: Storable): Promise<boolean> {
    const { names, values } = inserted(artifactRow(REFRESH_TOKEN, successor));
    const result: unknown = await this.#db.execute(sql`
      WITH rotated AS (
        UPDATE ${artifact} SET consumed_at = now(), successor = ${sealSuccessor(successor.id, used)}
        WHERE ${and(this.#is(used), isNull(artifact.consumedAt))}
        RETURNING 1
      )
      INSERT INTO ${artifact} (${names}) SELECT ${values} FROM rotated RETURNING id_hash`);
    return hasRows(result);
  }

  #is(id: string) {
    return and(eq(artifact.model, REFRESH_TOKEN), eq(artifact.idHash, hashId(id)));
  }
}

function inserted(row: typeof artifact.$inferInsert): { readonly names: SQL; readonly values: SQL } {
  const present = Object.entries(getTableColumns(artifact)).flatMap(([key, column]) => {
    const value = row[key as keyof typeof row];
    return value === undefined ? [] : [{ column, value }];
  });
  const names = present.map(({ column }) => sql.identifier(column.name));
  const values = present.map(
    ({ column, value }) => sql`${sql.param(value, column)}::${sql.raw(column.getSQLType())}`,
  );
  return { names: sql.join(names, sql`, `), values: sql.join(values, sql`, `) };
}

/** Both drivers answer so; the type of what they have in common does not say it. */
function hasRows(result: unknown): boolean {
  return (
    typeof result === 'object' &&
    result !== null &&
    'rows' in result &&
    Array.isArray(result.rows) &&
    result.rows.length > 0
  );
}
