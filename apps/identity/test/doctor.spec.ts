import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MACHINE_SECRET, startForTest } from './support/identity.ts';
import { MENU_API, token, type Tokens } from './support/login.ts';

const command = fileURLToPath(new URL('../../../packages/cli/bin/portcullis.js', import.meta.url));

let identity: Awaited<ReturnType<typeof startForTest>>;
beforeAll(async () => void (identity = await startForTest()));
afterAll(() => identity.stop());

interface Examined {
  readonly code: number | null;
  readonly healthy: boolean;
  readonly wrong: readonly string[];
}

/** What the doctor says of an API that trusts this provider, and of a token. */
async function examined(environment: Record<string, string>, accessToken: string): Promise<Examined> {
  const child = spawn(process.execPath, [command, 'doctor', '--json', '--token-file', '-'], {
    env: { ISSUER_URL: identity.url, AUDIENCE: MENU_API, PROVIDER: 'portcullis', ...environment },
  });
  child.stdin.end(accessToken);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [output, code] = await Promise.all([text(child.stdout), ended]);
  const { healthy, findings }: { healthy: boolean; findings: { verdict: string; says: string }[] } =
    JSON.parse(output);
  return {
    code,
    healthy,
    wrong: findings.flatMap(({ verdict, says }) => (verdict === 'right' ? [] : [says])),
  };
}

async function machineToken(audience = MENU_API): Promise<string> {
  const response = await token(identity.url, {
    grant_type: 'client_credentials',
    client_id: 'wab-machine',
    client_secret: MACHINE_SECRET,
    audience,
  });
  return ((await response.json()) as Tokens).access_token;
}

describe('the doctor, of an API that trusts this provider', () => {
  it('finds nothing wrong, with the token of a machine', async () => {
    expect(await examined({}, await machineToken())).toEqual({ code: 0, healthy: true, wrong: [] });
  });

  it('finds the slash that is missing, and the audience that is another', async () => {
    const good = await machineToken();
    const withoutSlash = await examined({ ISSUER_URL: identity.url.slice(0, -1) }, good);
    expect(withoutSlash).toMatchObject({ code: 1, healthy: false });
    expect(withoutSlash.wrong.join('\n')).toContain('the slash at the end differs');
    const elsewhere = await examined({ AUDIENCE: 'https://other.example' }, good);
    expect(elsewhere).toMatchObject({ code: 1, healthy: false });
    expect(elsewhere.wrong.join('\n')).toContain(MENU_API);
  });
});
