import type { Log } from '@portcullis/service';
import { lt } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { artifact } from '../database/schema.ts';

const EVERY = 5 * 60 * 1000;

/** Deletes what has expired, now and then. Returns what stops it. */
export function sweepArtifacts(db: Database, log: Log): () => void {
  const sweep = () =>
    db
      .delete(artifact)
      .where(lt(artifact.expiresAt, new Date()))
      .then(undefined, (error: unknown) => log.error({ err: error }, 'sweep failed'));
  const timer = setInterval(() => void sweep(), EVERY);
  timer.unref();
  return () => clearInterval(timer);
}
