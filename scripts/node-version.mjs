// Plain JavaScript of any age: it has to run far enough on an old Node to say so.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Portcullis needs Node 22.18 or newer and runs on ${process.version} here. ` +
      'Run "npm ci" first: it brings a Node of its own. If it did, start with "npm start", not with "node".',
  );
  process.exit(1);
}
