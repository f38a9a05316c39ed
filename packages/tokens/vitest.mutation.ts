import { defineConfig } from 'vitest/config';

/** The token tests that Stryker runs for each mutant: all but the slow ones. */
export default defineConfig({
  resolve: {
    // Its copy of the sources, and not the ones that node_modules links to.
    alias: [
      {
        find: /^@portcullis\/(\w+)$/,
        replacement: new URL('../$1/src/index.ts', import.meta.url).pathname,
      },
    ],
  },
  test: {
    include: ['packages/tokens/test/**/*.spec.ts'],
    exclude: [
      '**/{issuer-outage,endpoint-outage,flood,properties,resolver-memory,proof-oracle,key-cache,deny-list,odd-sources,forged-*,replay,key-sets,algorithm-confusion,algorithms,observer,silent-errors,client-authentication,emergency-purge,costly-keys,key-purge,address-budget,network,verdict-cache,der-signature,first-party-warning,options,resolver-*,misuse,issuer-identifiers,dpop-options,where-the-token-goes,remembered-answers,certificate-thumbprint}.spec.ts',
    ],
    isolate: false, // modules once, and not once per file: a third of the time
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
