#!/usr/bin/env node
// The compiled command; npm links this file before anything is compiled.
await import('../dist/administration.js');
