import { findInstalled } from './installed.ts';

/** The Redis that tests start: `REDIS_SERVER`, or one that is installed; undefined when there is none. */
export function findRedisServer(): string | undefined {
  return process.env['REDIS_SERVER'] || findInstalled(['redis-server']);
}
