import { defineConfig } from 'vitest/config';
import { findPostgres } from './scripts/postgres-server.ts';
import { findRedisServer } from './scripts/redis-server.ts';

const redisServer = findRedisServer();
const postgres = findPostgres();

export default defineConfig({
  ssr: { resolve: { conditions: ['@portcullis/source'] } },
  resolve: { conditions: ['@portcullis/source'] },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: [
            'packages/*/test/**/*.spec.ts',
            'apps/*/test/**/*.spec.ts',
            'examples/*/test/**/*.spec.ts',
            'test/**/*.spec.ts',
          ],
        },
      },
      ...otherDoors(),
    ],
    // scripts/test.mjs says in one line each that these are left out.
    exclude: [
      ...(process.env['CHROMIUM'] ? [] : ['test/browser/**']),
      ...(redisServer ? [] : ['{packages,apps}/*/test/redis-*.spec.ts']),
      ...(postgres ? [] : ['{packages,apps}/*/test/postgres-*.spec.ts']),
    ],
    env: {
      ...(redisServer ? { REDIS_SERVER: redisServer } : {}),
      ...(postgres ? { POSTGRES_BIN: postgres } : {}),
    },
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Files share two cores; more workers only make each other's servers slow to start.
    maxWorkers: 2,
  },
});

/** The API's answers once more behind every other door, and on the other framework. */
function otherDoors() {
  return ['guard', 'middleware', 'passport'].flatMap((door) =>
    ['fastify', 'express']
      .filter((adapter) => door !== 'guard' || adapter !== 'fastify')
      .map((adapter) => ({
        extends: true as const,
        test: {
          name: `menu-api: ${door}, ${adapter}`,
          include: [`apps/menu-api/test/{${specsOf(door)}}.spec.ts`],
          env: { HTTP_ADAPTER: adapter, DOOR: door },
        },
      })),
  );
}

function specsOf(door: string): string {
  const answers = ['access', 'bad-input', 'dpop-tokens'];
  return (door === 'guard' ? [...answers, 'items', 'response-headers'] : answers).join();
}
