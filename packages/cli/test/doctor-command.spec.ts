import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { portcullis } from './command.ts';

let issuer: TestIssuer;
let environment: Readonly<Record<string, string>>;
let token: string;
beforeAll(async () => {
  issuer = await createTestIssuer();
  environment = { ISSUER_URL: issuer.issuer, AUDIENCE: issuer.audience };
  token = await issuer.accessToken({ scope: 'read:items', permissions: ['read:items'] });
});
afterAll(() => issuer.stop());

function fileWith(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'token-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'token'), content);
  return join(folder, 'token');
}

describe('portcullis doctor', () => {
  it('says in plain text what is right, and exits with 0', async () => {
    const { code, stdout, stderr } = await portcullis(['doctor'], { environment });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(
      `right     issuer        The issuer answers, and names itself "${issuer.issuer}"`,
    );
    expect(stdout).toMatch(/\n\nNothing is wrong\.\nNo token was looked at: give one with --token-file/);
    expect(stdout).not.toContain('\u001b');
  });

  it('says what is wrong and what to do, and exits with 1', async () => {
    const typed = issuer.issuer.slice(0, -1);
    const { code, stdout } = await portcullis(['doctor', '--issuer', typed], { environment });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^wrong {5}issuer .*the slash at the end differs\.\n +Fix: Set ISSUER_URL to/);
    expect(stdout).toContain('1 thing is wrong; the API will not work as it is.');
  });

  it('says the same as JSON', async () => {
    const args = ['doctor', '--json', '--audience', 'https://other.example', '--token-file', '-'];
    const { code, stdout } = await portcullis(args, { environment, stdin: token });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      healthy: false,
      findings: expect.arrayContaining([
        { verdict: 'right', about: 'issuer', says: expect.any(String) },
        { verdict: 'wrong', about: 'audience', says: expect.any(String), fix: expect.any(String) },
      ]),
    });
  });

  it.each<[string, () => { args: readonly string[]; stdin?: string; variable?: string }]>([
    ['a file', () => ({ args: ['--token-file', fileWith(`${token}\n`)] })],
    [
      'a file with a whole header',
      () => ({ args: ['--token-file', fileWith(`Authorization: Bearer ${token}`)] }),
    ],
    ['standard input', () => ({ args: ['--token-file', '-'], stdin: `"${token}"` })],
    ['PORTCULLIS_TOKEN', () => ({ args: [], variable: token })],
  ])('takes a token from %s, and does not print it', async (_where, given) => {
    const { args, stdin = '', variable } = given();
    const { code, stdout } = await portcullis(['doctor', ...args], {
      stdin,
      environment: { ...environment, ...(variable === undefined ? {} : { PORTCULLIS_TOKEN: variable }) },
    });
    expect(code).toBe(0);
    expect(stdout).toContain('right     token         The token is an access token for this API, of a user');
    for (const part of token.split('.')) expect(stdout).not.toContain(part);
  });

  it.each<[string, (secret: string) => readonly string[]]>([
    ['--token', (secret) => ['--token', secret]],
    ['--token=', (secret) => [`--token=${secret}`]],
    ['an argument', (secret) => [secret]],
    ['a misspelt option', (secret) => [`--tokn=${secret}`]],
    ['an option', (secret) => [`--${secret}`]],
    ['a file name', (secret) => ['--token-file', secret]],
  ])('takes none from %s, and does not repeat it', async (_where, args) => {
    const { code, stdout, stderr } = await portcullis(['doctor', ...args(token)], { environment });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/--token-file/);
    for (const part of token.split('.')) expect(stderr).not.toContain(part);
  });

  it('does not show one that was put into the wrong place', async () => {
    const variables = { ...environment, PROVIDER: token };
    const { code, stdout } = await portcullis(['doctor', '--issuer', token], { environment: variables });
    expect(code).toBe(1);
    for (const part of token.split('.')) expect(stdout).not.toContain(part);
  });

  it('is not fooled by an empty file', async () => {
    const { code, stderr } = await portcullis(['doctor', '--token-file', fileWith(' \n')], { environment });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('There is no token') });
  });

  it('shows no control characters that an issuer sends', async () => {
    issuer.answerDiscoveryWith({ body: { issuer: 'https://x.example/\u001b[2J\u009b2J' } });
    onTestFinished(() => issuer.answerDiscoveryWith(undefined));
    const { code, stdout } = await portcullis(['doctor'], { environment });
    expect(code).toBe(1);
    expect(stdout).toContain('https://x.example/\ufffd[2J\ufffd2J');
  });
});
