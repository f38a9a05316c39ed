import { and, eq, gt, isNull, ne } from 'drizzle-orm';
import type { Actor } from '../changes/actor.ts';
import type { ChangeLog } from '../changes/change-log.ts';
import { ACCOUNT_CLIENT_ID } from '../clients/account-client.ts';
import type { Database } from '../database/database.ts';
import { artifact, client, consent } from '../database/schema.ts';
import { words } from '../provider/access-token-claims.ts';
import type { Revocations } from '../revocation/revocations.ts';

/** What was agreed to: scopes of OpenID Connect, and of each API by its identifier. */
export interface ConsentedScopes {
  readonly oidcScopes: readonly string[];
  readonly apiScopes: Readonly<Record<string, readonly string[]>>;
}

/** A client that may act for a user, or may without asking again. */
export interface Application extends ConsentedScopes {
  readonly clientId: string;
  readonly name: string;
  readonly firstParty: boolean;
  readonly since: Date;
}

/** What people let clients do, beyond one login. */
export class ConsentStore {
  readonly #db: Database;
  readonly #changes: ChangeLog;
  readonly #revocations: Revocations;

  constructor(db: Database, changes: ChangeLog, revocations: Revocations) {
    this.#db = db;
    this.#changes = changes;
    this.#revocations = revocations;
  }

  async find(userId: string, clientId: string): Promise<ConsentedScopes | undefined> {
    const [row] = await this.#db.select().from(consent).where(of(userId, clientId));
    return row;
  }

  /** Adds to what was agreed to before. */
  async give(actor: Actor, userId: string, clientId: string, given: ConsentedScopes): Promise<void> {
    await this.#changes.write(actor, async (tx, record) => {
      const [before] = await tx.select().from(consent).where(of(userId, clientId));
      const after = before ? union(before, given) : given;
      const { oidcScopes, apiScopes } = after;
      await tx
        .insert(consent)
        .values({ userId, clientId, oidcScopes: [...oidcScopes], apiScopes })
        .onConflictDoUpdate({
          target: [consent.userId, consent.clientId],
          set: { oidcScopes: [...oidcScopes], apiScopes, changedAt: new Date() },
        });
      await record({
        action: 'consent.give',
        target: { kind: 'user', id: userId },
        ...(before && { before: { client: clientId, ...scopesOf(before) } }),
        after: { client: clientId, ...scopesOf(after) },
      });
    });
  }

  /** Forgets it, and ends every grant that the client has from this user. */
  async withdraw(actor: Actor, userId: string, clientId: string): Promise<void> {
    await this.#changes.write(actor, async (tx, record) => {
      const grants = await tx
        .select({ grantId: artifact.grantId })
        .from(artifact)
        .where(
          and(
            eq(artifact.model, 'Grant'),
            eq(artifact.accountId, userId),
            eq(artifact.clientId, clientId),
            isNull(artifact.consumedAt),
          ),
        );
      for (const { grantId } of grants) {
        if (grantId !== null) await this.#revocations.grantEnded({ tx, record }, grantId);
      }
      const [before] = await tx.delete(consent).where(of(userId, clientId)).returning();
      if (!before) return;
      await record({
        action: 'consent.withdraw',
        target: { kind: 'user', id: userId },
        before: { client: clientId, ...scopesOf(before) },
      });
    });
  }

  /** Every client with a living grant or a remembered consent, by name. */
  async applications(userId: string): Promise<Application[]> {
    const [grants, consents] = await Promise.all([
      this.#db
        .select({ payload: artifact.payload, since: artifact.createdAt, client })
        .from(artifact)
        .innerJoin(client, eq(client.id, artifact.clientId))
        .where(
          and(
            eq(artifact.model, 'Grant'),
            eq(artifact.accountId, userId),
            ne(artifact.clientId, ACCOUNT_CLIENT_ID),
            isNull(artifact.consumedAt),
            gt(artifact.expiresAt, new Date()),
          ),
        ),
      this.#db
        .select({ consent, client })
        .from(consent)
        .innerJoin(client, eq(client.id, consent.clientId))
        .where(eq(consent.userId, userId)),
    ]);
    const found = [
      ...consents.map((row) => application(row.client, row.consent.givenAt, scopesOf(row.consent))),
      ...grants.map((row) => application(row.client, row.since, grantedScopes(row.payload))),
    ];
    const byClient = new Map<string, Application>();
    for (const one of found) {
      const other = byClient.get(one.clientId);
      byClient.set(one.clientId, other ? merged(other, one) : one);
    }
    return [...byClient.values()].toSorted((one, other) => one.name.localeCompare(other.name));
  }
}

const of = (userId: string, clientId: string) =>
  and(eq(consent.userId, userId), eq(consent.clientId, clientId));

const scopesOf = ({ oidcScopes, apiScopes }: ConsentedScopes): ConsentedScopes => ({ oidcScopes, apiScopes });

function union(one: ConsentedScopes, other: ConsentedScopes): ConsentedScopes {
  const audiences = [...new Set([...Object.keys(one.apiScopes), ...Object.keys(other.apiScopes)])];
  return {
    oidcScopes: [...new Set([...one.oidcScopes, ...other.oidcScopes])],
    apiScopes: Object.fromEntries(
      audiences.map((audience) => [
        audience,
        [...new Set([...(one.apiScopes[audience] ?? []), ...(other.apiScopes[audience] ?? [])])],
      ]),
    ),
  };
}

function merged(one: Application, other: Application): Application {
  return { ...one, ...union(one, other), since: one.since < other.since ? one.since : other.since };
}

function application(
  { id, name, firstParty }: typeof client.$inferSelect,
  since: Date,
  scopes: ConsentedScopes,
): Application {
  return { clientId: id, name, firstParty, since, ...scopes };
}

/** oidc-provider's type does not say that a grant's `openid` has a `scope`. */
function scopeIn(openid: unknown): string | undefined {
  const scope = typeof openid === 'object' && openid !== null && 'scope' in openid ? openid.scope : undefined;
  return typeof scope === 'string' ? scope : undefined;
}

function grantedScopes({ openid, resources }: (typeof artifact.$inferSelect)['payload']): ConsentedScopes {
  return {
    oidcScopes: words(scopeIn(openid)),
    apiScopes: Object.fromEntries(
      Object.entries(resources ?? {}).map(([audience, scope]) => [audience, words(scope)]),
    ),
  };
}
