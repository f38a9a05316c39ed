import { existsSync } from 'node:fs';

// What the shell sets wins over the file.
const file = new URL('../.env', import.meta.url);
if (existsSync(file)) process.loadEnvFile(file);
