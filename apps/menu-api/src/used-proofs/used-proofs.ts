import type { Log } from '@portcullis/service';
import { memoryReplayStore } from '@portcullis/stores';
import type { ReplayStore } from '@portcullis/tokens';

/** Where used DPoP proofs are remembered. */
export interface UsedProofs {
  readonly store: ReplayStore;
  close(): void;
}

/** @param redisUrl undefined: in this process, which is for a single node */
export async function openUsedProofs(redisUrl: string | undefined, log: Log): Promise<UsedProofs> {
  if (redisUrl === undefined) return { store: memoryReplayStore(), close: () => undefined };
  // The client alone takes 25 MB: for whoever has a Redis.
  const { openRedisUsedProofs } = await import('./redis-used-proofs.ts');
  return openRedisUsedProofs(redisUrl, log);
}
