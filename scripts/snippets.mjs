import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runTool } from './build.mjs';

/** Compiles every TypeScript block of the documents, as a reader would paste it, against the sources. */
// Below the package whose optional peers npm keeps in a folder of its own.
const folder = join(root, 'packages', 'nest', '.snippets');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);

const documents = globSync(['*.md', 'docs/**/*.md', '{packages,apps}/*/README.md'], { cwd: root });
for (const document of documents) {
  const blocks = readFileSync(join(root, document), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms);
  for (const [index, [, code]] of Array.from(blocks).entries()) {
    writeFileSync(
      join(folder, `${document.replaceAll(/[/.]/g, '-')}-${index + 1}.ts`),
      `${code}\nexport {};\n`,
    );
  }
}

const options = {
  composite: false,
  declarationMap: false,
  noEmit: true,
  noUnusedLocals: false,
  rewriteRelativeImportExtensions: false,
  customConditions: ['@portcullis/source'],
};
writeFileSync(
  join(folder, 'tsconfig.json'),
  JSON.stringify({ extends: join(root, 'tsconfig.base.json'), compilerOptions: options, include: ['*.ts'] }),
);
runTool('typescript/bin/tsc', ['-p', folder]);
rmSync(folder, { recursive: true });
