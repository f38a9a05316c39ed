#!/usr/bin/env node
// The same .env that "npm start" reads, and the compiled command; npm links this file before anything is compiled.
await import('../../../scripts/dot-env.mjs');
await import('../dist/administration.js');
