// The one entry of every npm script: an old Node gets a sentence instead of a syntax error. The script
// itself is imported only afterwards, since an import of something an old Node lacks would fail first.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Portcullis needs Node 22.18 or newer and runs on ${process.version} here. ` +
      'Run "npm ci" first: it brings a Node of its own, which "npm start" then finds by itself.',
  );
  process.exit(1);
}
const [name] = process.argv.splice(2, 1);
await import(`./${name}.mjs`);
