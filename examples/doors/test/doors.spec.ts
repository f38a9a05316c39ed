import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const EXAMPLES = ['guard', 'middleware', 'passport', 'express', 'fastify'];
const LINES = 60;

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ audience: 'https://menu-api.example.com' })));
afterAll(() => issuer.stop());

const fileOf = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

describe.each(EXAMPLES)('the example %s', (name) => {
  let server: ChildProcess;
  let url: string;
  beforeAll(async () => {
    const program = fileOf(`dist/${name}.js`);
    if (!existsSync(program)) throw new Error('build the examples first: npm run build');
    const port = await freePort();
    url = `http://127.0.0.1:${port}/items`;
    server = spawn(process.execPath, [program], {
      env: { ...process.env, PORT: String(port), ISSUER_URL: issuer.issuer },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await answering(url);
  });
  afterAll(async () => {
    server.kill();
    if (server.exitCode === null) await once(server, 'exit');
  });

  it(`has at most ${LINES} lines`, () => {
    expect(readFileSync(fileOf(`src/${name}.ts`), 'utf8').split('\n').length).toBeLessThanOrEqual(LINES);
  });

  it('is public where it says so, whatever comes with the request', async () => {
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url, { headers: { authorization: 'Bearer rotten' } })).status).toBe(200);
  });

  it('asks who is calling', async () => {
    const mine = (authorization?: string) =>
      fetch(`${url}/mine`, { headers: authorization === undefined ? {} : { authorization } });
    const nobody = await mine();
    expect(nobody.status).toBe(401);
    expect(nobody.headers.get('www-authenticate')).toMatch(/^Bearer realm=/);
    expect((await mine('Bearer rotten')).status).toBe(401);
    const answer = await mine(`Bearer ${await issuer.accessToken({ sub: 'user|7' })}`);
    expect(await answer.json()).toEqual({ owner: 'user|7' });
  });

  it('asks whether they may', async () => {
    const create = async (permissions: readonly string[]) =>
      fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${await issuer.accessToken({ permissions })}` },
      });
    const refused = await create(['read:items']);
    expect([refused.status, await refused.json()]).toMatchObject([
      403,
      { missingPermissions: ['create:items'] },
    ]);
    expect((await create(['create:items'])).status).toBe(201);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function answering(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return;
    await pause(100);
  }
  throw new Error(`nothing answers at ${url}`);
}
