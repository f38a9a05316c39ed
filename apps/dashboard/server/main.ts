import { run } from '@portcullis/service';
import { startDashboard } from './dashboard.ts';
import { readSettings } from './settings.ts';

await run(async () => startDashboard(readSettings(process.env)));
