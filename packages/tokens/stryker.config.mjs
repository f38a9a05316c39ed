/** What an error says to its reader is no rule: mutants of sentences would drown those of decisions. */
const sentences = {
  shouldIgnore(path) {
    const { node } = path;
    const isSentence =
      (path.isStringLiteral() && node.value.includes(' ')) ||
      (path.isTemplateLiteral() && node.quasis.some(({ value }) => value.raw.includes(' '))) ||
      (path.isObjectExpression() && node.properties.some(({ key }) => key?.name === 'hint'));
    return isSentence ? 'it is a sentence' : undefined;
  },
};

export const strykerPlugins = [{ kind: 'Ignore', name: 'sentences', value: sentences }];

/** Run by hand from the root: see CONTRIBUTING.md. */
export default {
  mutate: [
    'packages/tokens/src/rules/*.ts',
    'packages/tokens/src/checks.ts',
    'packages/tokens/src/who-signed.ts',
    'packages/tokens/src/dpop/rules/*.ts',
    'packages/tokens/src/compact-jws.ts',
    'packages/tokens/src/canonical-base64url.ts',
    'packages/tokens/src/unique-json.ts',
    'packages/tokens/src/revocation/replica.ts',
  ],
  testRunner: 'vitest',
  vitest: { configFile: 'packages/tokens/vitest.mutation.ts' },
  plugins: ['@stryker-mutator/vitest-runner', import.meta.url],
  ignorers: ['sentences'],
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 10_000,
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false, logTests: false },
  jsonReporter: { fileName: '.stryker-tmp/mutation.json' },
  cleanTempDir: 'always',
  tsconfigFile: 'none', // it reads one with an interface that TypeScript 7 does not have
  disableTypeChecks: false,
};
