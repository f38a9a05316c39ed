import { run } from '@portcullis/service';
import { startMenuApi } from './menu-api.ts';
import { readSettings } from './settings.ts';

await run(() => startMenuApi(readSettings(process.env)));
