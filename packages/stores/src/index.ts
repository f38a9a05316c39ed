export type { MemoryReplayStore, MemoryReplayStoreOptions } from './memory-replay-store.ts';
export type { MemoryRevocations, MemoryRevocationsOptions } from './memory-revocations.ts';
export type { RedisClient } from './redis-client.ts';
export type { RedisReplayStore, RedisReplayStoreOptions } from './redis-replay-store.ts';

export { memoryReplayStore } from './memory-replay-store.ts';
export { memoryRevocations } from './memory-revocations.ts';
export { redisReplayStore } from './redis-replay-store.ts';
export { StoreUnavailable } from './store-unavailable.ts';
