import { createLog } from '@portcullis/service';
import { openPostgresDatabase } from '@portcullis/service/postgres';
import { createTestCertificate } from '@portcullis/testing';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresUser } from '../../../scripts/postgres-server.ts';
import { migrations } from './migrations.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'postgres-tls-'));
const [authority, cert, key] = ['authority.pem', 'server.pem', 'server.key'].map((name) =>
  join(folder, name),
);

let server: PostgresServer;
let url: string;
beforeAll(async () => {
  const certificate = await createTestCertificate({ name: 'localhost' });
  for (const [path = '', content] of [
    [authority, certificate.cert],
    [cert, certificate.cert],
    [key, certificate.key],
  ] as const) {
    writeFileSync(path, content, { mode: 0o600 });
    if (postgresUser.uid !== undefined) chownSync(path, postgresUser.uid, postgresUser.gid);
  }
  if (postgresUser.uid !== undefined) chownSync(folder, postgresUser.uid, postgresUser.gid);
  server = await startPostgres(['ssl=on', `ssl_cert_file=${cert}`, `ssl_key_file=${key}`]);
  url = await server.database();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const open = (query: string) =>
  openPostgresDatabase({
    url: `${url}?${query}`,
    variable: 'DATABASE_URL',
    application: 'portcullis-test',
    migrations,
    schema: {},
    log: createLog({ name: 'test', level: 'silent' }),
  });

describe('a server that speaks TLS', () => {
  it('is spoken to in TLS when the address says so, and its authority is named', async () => {
    const { db, close } = await open(`sslmode=verify-full&sslrootcert=${authority}`);
    expect(await db.execute('select distinct ssl from pg_stat_ssl')).toMatchObject({ rows: [{ ssl: true }] });
    await close();
  });

  it('is refused with a certificate that nobody vouches for', async () => {
    await expect(open('sslmode=verify-full')).rejects.toThrow(/is not trusted \(.+\)\. Name its authority/);
  });
});
