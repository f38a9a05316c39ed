import { and, eq, isNotNull, isNull, type SQL } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { artifact } from '../database/schema.ts';
import { unexpired } from '../database/unexpired.ts';
import type { Listed } from './page.ts';
import { tableList } from './table-list.ts';

export type ArtifactRow = typeof artifact.$inferSelect;

/** What the provider gave out and what is still good, by the name that says nothing of what could be presented. */
export function artifactsAlive(
  db: Database,
  model: 'Session' | 'Grant' | 'RefreshToken',
  which: SQL | undefined,
  wire: Listed<ArtifactRow>['wire'],
): Listed<ArtifactRow> {
  return tableList({
    db,
    table: artifact,
    key: artifact.publicId,
    keyOf: (row) => row.publicId,
    where: and(alive(model), which),
    wire,
  });
}

export function findAlive(
  db: Database,
  model: 'Session' | 'Grant' | 'RefreshToken',
  which: SQL | undefined,
): Promise<ArtifactRow[]> {
  return db
    .select()
    .from(artifact)
    .where(and(alive(model), which));
}

function alive(model: string): SQL | undefined {
  return and(
    eq(artifact.model, model),
    isNull(artifact.consumedAt),
    // A browser that nobody has logged in with has a session as well.
    isNotNull(artifact.accountId),
    unexpired(artifact.expiresAt),
  );
}
