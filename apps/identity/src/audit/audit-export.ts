import { and, eq, gt, gte, like, or } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { auditEntry, role, user } from '../database/schema.ts';
import { logCode } from './log-code.ts';

/** Which entries; what is left out does not narrow. */
export interface AuditFilter {
  readonly since?: Date | undefined;
  /** Of the entry before. */
  readonly after?: number | undefined;
  /** Whole, or its beginning: `role` finds `role.permissions.add`. */
  readonly action?: string | undefined;
  /** The subject that did it. */
  readonly actor?: string | undefined;
  /** Whom or what it was done to. A role may be given by its name, a user by the address. */
  readonly target?: { readonly kind: string; readonly id?: string | undefined } | undefined;
}

const PAGE = 500;

/**
 * The entries as JSON lines, in the order of the log. Each line is the entry as it was hashed, with `code` (Auth0's) and
 * `hash` at its end.
 */
export async function* exportAudit(db: Database, filter: AuditFilter = {}): AsyncGenerator<string> {
  const which = and(
    filter.since && gte(auditEntry.at, filter.since),
    filter.actor === undefined ? undefined : eq(auditEntry.actor, filter.actor),
    filter.action === undefined
      ? undefined
      : or(
          eq(auditEntry.action, filter.action),
          like(auditEntry.action, `${filter.action.replaceAll(/[\\%_]/g, '\\$&')}.%`),
        ),
    await targetIs(db, filter.target),
  );
  let after = filter.after ?? 0;
  for (;;) {
    const rows = await db
      .select()
      .from(auditEntry)
      .where(and(which, gt(auditEntry.number, after)))
      .orderBy(auditEntry.number)
      .limit(PAGE);
    for (const { entry, action, hash } of rows)
      yield `${entry.slice(0, -1)},"code":"${logCode(action)}","hash":"${hash}"}\n`;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.number;
  }
}

async function targetIs(db: Database, target: AuditFilter['target']) {
  if (target === undefined) return undefined;
  const { kind, id } = target;
  const ofKind = eq(auditEntry.targetKind, kind);
  return id === undefined ? ofKind : and(ofKind, eq(auditEntry.targetId, (await idOf(db, kind, id)) ?? id));
}

async function idOf(db: Database, kind: string, name: string): Promise<string | undefined> {
  const found =
    kind === 'role'
      ? await db.select({ id: role.id }).from(role).where(eq(role.name, name))
      : kind === 'user'
        ? await db.select({ id: user.id }).from(user).where(eq(user.email, name.toLowerCase()))
        : [];
  return found[0]?.id;
}
