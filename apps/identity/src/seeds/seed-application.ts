import { and, count, eq, inArray, sql } from 'drizzle-orm';
import type { Actor } from '../changes/actor.ts';
import type { Change } from '../changes/change.ts';
import type { RecordChange } from '../changes/change-log.ts';
import type { Database } from '../database/database.ts';
import { effectiveUserPermission, permission, resourceServer, user } from '../database/schema.ts';
import { SeedRefused, type SeedComplaint, type SeedPath } from './described-seed.ts';
import type { PermissionsByApi } from './seed-file.ts';

/** `+` is added, `~` is changed, `-` is taken away. */
export interface Difference {
  readonly sign: '+' | '~' | '-';
  readonly what: string;
}

interface SeedApplicationOptions {
  readonly tx: Database;
  readonly record: RecordChange;
  readonly actor: Actor;
  readonly prune?: boolean;
  readonly passwordHashes: ReadonlyMap<string, string>;
  readonly secret: (variable: string) => string | undefined;
}

type ApiRow = typeof resourceServer.$inferSelect;

export interface NamedPermission {
  readonly id: string;
  readonly apiId: string;
  /** As it is shown: `read:orders of API https://orders.example.com`. */
  readonly label: string;
}

/** One file on its way into one transaction. */
export class SeedApplication {
  readonly tx: Database;
  /** On whose behalf authority is given. */
  readonly by: string;
  readonly prune: boolean;
  /** Of those who are not there yet, by address. */
  readonly passwordHashes: ReadonlyMap<string, string>;
  readonly secret: SeedApplicationOptions['secret'];
  readonly #record: RecordChange;
  readonly #differences: Difference[] = [];
  readonly #complaints: SeedComplaint[] = [];
  /** By `<API identifier> <permission>`. */
  #permissions: ReadonlyMap<string, NamedPermission> = new Map();
  #apis: ReadonlyMap<string, ApiRow> = new Map();

  constructor(options: SeedApplicationOptions) {
    this.tx = options.tx;
    this.by = options.actor.subject;
    this.prune = options.prune ?? false;
    this.passwordHashes = options.passwordHashes;
    this.secret = options.secret;
    this.#record = options.record;
  }

  /** By identifier. */
  get apis(): ReadonlyMap<string, ApiRow> {
    return this.#apis;
  }

  /** @throws SeedRefused with everything that was complained of */
  finish(): readonly Difference[] {
    if (this.#complaints.length > 0) throw new SeedRefused(this.#complaints);
    return this.#differences;
  }

  /** To be called before anything is named, and after APIs have changed. */
  async readApis(): Promise<void> {
    const apis = await this.tx.select().from(resourceServer);
    const permissions = await this.tx.select().from(permission);
    const identifiers = new Map(apis.map(({ id, identifier }) => [id, identifier]));
    this.#apis = new Map(apis.map((api) => [api.identifier, api]));
    this.#permissions = new Map(
      permissions.map(({ id, name, resourceServerId: apiId }) => {
        const identifier = identifiers.get(apiId) ?? '';
        return [`${identifier} ${name}`, { id, apiId, label: `${name} of API ${identifier}` }];
      }),
    );
  }

  named(byApi: PermissionsByApi, path: SeedPath): NamedPermission[] {
    return Object.entries(byApi).flatMap(([identifier, names]) => {
      if (!this.#apis.has(identifier)) {
        this.complain([...path, identifier], 'there is no API of that identifier');
        return [];
      }
      return names.flatMap((name, index) => {
        const found = this.#permissions.get(`${identifier} ${name}`);
        if (found === undefined)
          this.complain([...path, identifier, index], `the API defines no permission "${name}"`);
        return found ?? [];
      });
    });
  }

  /** What is held and not wanted: nothing, unless it is to be taken away. */
  surplus(held: readonly string[], wanted: readonly NamedPermission[]): NamedPermission[] {
    if (!this.prune) return [];
    const kept = new Set(wanted.map(({ id }) => id));
    return [...this.#permissions.values()].filter(({ id }) => held.includes(id) && !kept.has(id));
  }

  /** How many users may administrate; of one, 0 or 1. */
  async administrators(userId?: string): Promise<number> {
    const system = this.tx
      .select({ id: resourceServer.id })
      .from(resourceServer)
      .where(eq(resourceServer.isSystem, true));
    const [found] = await this.tx
      .select({ count: count(sql`DISTINCT ${user.id}`) })
      .from(effectiveUserPermission)
      .innerJoin(user, eq(user.id, effectiveUserPermission.userId))
      .where(
        and(
          eq(user.blocked, false),
          inArray(effectiveUserPermission.resourceServerId, system),
          userId === undefined ? undefined : eq(user.id, userId),
        ),
      );
    return found?.count ?? 0;
  }

  refuseTwice(kind: string, names: readonly string[] = []): void {
    for (const [index, name] of names.entries())
      if (names.indexOf(name) < index) this.complain([kind, index], `"${name}" is there twice`);
  }

  complain(path: SeedPath, wrong: string): void {
    this.#complaints.push({ path, wrong });
  }

  async did(sign: Difference['sign'], what: string, change: Change): Promise<void> {
    await this.#record(change);
    this.#differences.push({ sign, what });
  }
}

/** What the file says, without what it leaves open. */
export function present<Fields extends object>(fields: Fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
  };
}

/** The fields that the file says otherwise than the row; undefined when there is none. */
export function changed(row: Readonly<Record<string, unknown>>, fields: object) {
  const different = Object.entries(present(fields)).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(row[key]),
  );
  if (different.length === 0) return undefined;
  return {
    label: different.map(([key]) => key).join(', '),
    before: Object.fromEntries(different.map(([key]) => [key, row[key]])),
    after: Object.fromEntries(different),
  };
}
