import { openEmbeddedDatabase } from '@portcullis/service/database';
import { migrations } from '../migrations.ts';

const [directory = ''] = process.argv.slice(2);
const { db } = await openEmbeddedDatabase({ directory, migrations, schema: {} });
await db.execute(`insert into notes (text) values ('from a child')`);
process.send?.('open');
process.stdin.resume();
