import { and, eq, inArray, isNotNull } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { client, logoutNotice } from '../database/schema.ts';

/** A session of a user, by the name that one client knows it by. */
export interface ClientSession {
  readonly clientId: string;
  readonly sid: string;
  readonly subject: string;
}

/** Writes down which clients must hear that a session is over, in the transaction that ends it. */
export async function addLogoutNotices(db: Database, sessions: readonly ClientSession[]): Promise<void> {
  if (sessions.length === 0) return;
  const clientIds = [...new Set(sessions.map(({ clientId }) => clientId))];
  const listening = await db
    .select({ id: client.id })
    .from(client)
    .where(
      and(inArray(client.id, clientIds), isNotNull(client.backchannelLogoutUri), eq(client.enabled, true)),
    );
  const told = sessions.filter(({ clientId }) => listening.some(({ id }) => id === clientId));
  if (told.length === 0) return;
  await db
    .insert(logoutNotice)
    .values(told.map((one) => ({ ...one })))
    .onConflictDoNothing();
}

/** What each client got through a session, as oidc-provider records it. */
export function clientSessions(
  subject: string | undefined,
  authorizations: Readonly<Record<string, { readonly sid?: string | undefined }>> | undefined,
): ClientSession[] {
  if (subject === undefined) return [];
  return Object.entries(authorizations ?? {}).flatMap(([clientId, { sid }]) =>
    sid === undefined ? [] : [{ clientId, sid, subject }],
  );
}
