import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['@portcullis/source'] } },
  resolve: { conditions: ['@portcullis/source'] },
  // Each property ends by itself.
  test: { include: ['packages/tokens/fuzz/*.fuzz.ts'], testTimeout: 0 },
});
