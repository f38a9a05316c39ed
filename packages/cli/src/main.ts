#!/usr/bin/env node
process.stdout.write('portcullis\n');
