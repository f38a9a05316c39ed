import 'reflect-metadata';
import { run } from '@portcullis/service';
import { readSettings } from './settings.ts';
import { startIdentity } from './start-identity.ts';

await run(() => startIdentity(readSettings(process.env)));
