import type { RedisClient } from './redis-client.ts';
import { StoreUnavailable } from './store-unavailable.ts';

/**
 * Sends one command and waits for its answer, but no longer than the limit, whatever the client does.
 *
 * @param limit milliseconds
 * @throws StoreUnavailable when no answer came in time, or an error did
 */
export async function timedCommand(
  client: RedisClient,
  args: readonly string[],
  limit: number,
): Promise<unknown> {
  const abort = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new StoreUnavailable(`Redis did not answer within ${limit} ms.`));
    abort.abort();
  }, limit);
  try {
    return await Promise.race([late.promise, client.sendCommand(args, { abortSignal: abort.signal })]);
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error;
    throw new StoreUnavailable('Redis is out of reach or refused the command.', { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
