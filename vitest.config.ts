import { defineConfig } from 'vitest/config';
import { findRedisServer } from './scripts/redis-server.ts';

const redisServer = findRedisServer();

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
      {
        extends: true,
        test: {
          name: 'menu-api on Express',
          include: ['apps/menu-api/test/{access,bad-input,dpop-tokens,items,response-headers}.spec.ts'],
          env: { HTTP_ADAPTER: 'express' },
        },
      },
    ],
    // scripts/test.mjs says in one line each that these are left out.
    exclude: [
      ...(process.env['CHROMIUM'] ? [] : ['test/browser/**']),
      ...(redisServer ? [] : ['{packages,apps}/*/test/redis-*.spec.ts']),
    ],
    env: redisServer ? { REDIS_SERVER: redisServer } : {},
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Files share two cores; more workers only make each other's servers slow to start.
    maxWorkers: 2,
  },
});
