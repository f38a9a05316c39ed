/** What CI claims, in order: the name says what is true when the step passes. */
export const claims = [
  { claim: 'the code is formatted', tool: 'prettier/bin/prettier.cjs', argv: ['--check', '.'] },
  { claim: 'the code compiles', tool: 'typescript/bin/tsc', argv: ['-b'] },
  { claim: 'the tests compile', tool: 'typescript/bin/tsc', argv: ['-p', 'tsconfig.tests.json'] },
  {
    claim: 'the browser code compiles',
    tool: 'typescript/bin/tsc',
    argv: ['-p', 'apps/dashboard/tsconfig.browser.json'],
  },
  { claim: 'every snippet of the documents compiles', script: 'scripts/snippets.mjs' },
  { claim: 'lint finds nothing', tool: 'oxlint/bin/oxlint', argv: ['--type-aware', '--deny-warnings'] },
  { claim: 'the walls between the rooms hold', script: 'scripts/walls.ts' },
  { claim: 'the tests pass', script: 'scripts/run.mjs', argv: ['test'] },
];
