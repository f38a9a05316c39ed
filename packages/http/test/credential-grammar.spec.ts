import { createAuthenticator, Refusal } from '@portcullis/http';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseChallenge } from './challenge.ts';
import { behind, head, judging, raw, serve } from './server.ts';

let issuer: TestIssuer;
let token: string;
let authenticator: ReturnType<typeof createAuthenticator>;

beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' });
  authenticator = createAuthenticator({ issuer: issuer.issuer, audience: issuer.audience });
  token = await issuer.accessToken();
});
afterAll(async () => {
  authenticator.verifier.close();
  await issuer.stop();
});

async function read(...request: Parameters<typeof head>): Promise<string> {
  const outcome = await authenticator.authenticate(head(...request));
  if (outcome === undefined) return 'anonymous';
  return outcome instanceof Refusal ? `${outcome.status} ${String(outcome.problem.code)}` : outcome.subject;
}

const MALFORMED = '400 ERR_CREDENTIAL_REQUEST';

describe('the Authorization header', () => {
  it.each<[string, (good: string) => string, string]>([
    ['Bearer and a token', (good) => `Bearer ${good}`, 'user|1'],
    ['the scheme in any case', (good) => `bEARER ${good}`, 'user|1'],
    ['several spaces between', (good) => `Bearer   ${good}`, 'user|1'],
    ['Bearer alone', () => 'Bearer', MALFORMED],
    ['Bearer and a space', () => 'Bearer ', MALFORMED],
    ['a space behind the token', (good) => `Bearer ${good} `, MALFORMED],
    ['two tokens', (good) => `Bearer ${good} ${good}`, MALFORMED],
    ['two credentials in one field', (good) => `Bearer ${good}, Bearer ${good}`, MALFORMED],
    ['a parameter behind the token', (good) => `Bearer ${good}, realm="x"`, MALFORMED],
    ['a quoted token', (good) => `Bearer "${good}"`, MALFORMED],
    ['a token with a character beyond b64token', (good) => `Bearer ${good}%20`, MALFORMED],
    ['padding inside the token', () => 'Bearer a=b', MALFORMED],
    ['nothing', () => '', MALFORMED],
    ['a word of b64token that is no JWS', () => 'Bearer abc=', '401 ERR_TOKEN_MALFORMED'],
    ['an unbound token as DPoP', (good) => `DPoP ${good}`, '401 ERR_BINDING_REFUSED'],
    ['DPoP alone', () => 'dpop', MALFORMED],
    ['a scheme of letters no scheme has', (good) => `@ ${good}`, MALFORMED],
    ['a tab between', (good) => `Bearer\t${good}`, MALFORMED],
    ['a comma behind the scheme', (good) => `Bearer, ${good}`, MALFORMED],
    ['Basic', () => 'Basic dXNlcjpwYXNz', 'anonymous'],
    ['a scheme nobody knows', (good) => `Token ${good}`, 'anonymous'],
    ['the token without a scheme', (good) => good, 'anonymous'],
    ['a scheme that only begins like ours', (good) => `Bearers ${good}`, 'anonymous'],
  ])('with %s', async (_case, field, verdict) => {
    expect(await read([['Authorization', field(token)]])).toBe(verdict);
  });

  it('is found under any spelling of its name, and nothing else is', async () => {
    expect(await read([['AUTHORIZATION', `Bearer ${token}`]])).toBe('user|1');
    expect(await read([['X-Authorization', `Bearer ${token}`]])).toBe('anonymous');
    expect(await read([['Proxy-Authorization', `Bearer ${token}`]])).toBe('anonymous');
    expect(await read([['Cookie', `access_token=${token}`]])).toBe('anonymous');
    expect(await read([])).toBe('anonymous');
  });

  it.each<[string, string, string]>([
    ['the same token twice', 'Authorization', 'Bearer'],
    ['another spelling of the name', 'authorization', 'Bearer'],
    ['Basic beside it', 'Authorization', 'Basic'],
  ])('may stand there once only: %s', async (_case, name, scheme) => {
    const first = ['Authorization', `Bearer ${token}`] as const;
    const second = [name, `${scheme} ${token}`] as const;
    expect(await read([first, second])).toBe(MALFORMED);
    expect(await read([second, first])).toBe(MALFORMED);
    expect(await read([first])).toBe('user|1');
  });

  it.each([
    '/?access_token=x',
    '/?a=b&access_token=',
    '/?a=b?&access_token=x',
    '/?%61ccess_token=x',
    '/?access%5Ftoken=x',
    '/?access_token',
  ])('goes with no second token in the query: %s', async (url) => {
    expect(await read([['Authorization', `Bearer ${token}`]], url)).toBe(MALFORMED);
    expect(await read([], url)).toBe('anonymous');
  });

  it.each(['/', '/access_token=x', '/?my_access_token=x', '/?a=access_token'])(
    'goes with a query that only looks like one: %s',
    async (url) => {
      expect(await read([['Authorization', `Bearer ${token}`]], url)).toBe('user|1');
    },
  );
});

describe('over a real socket', () => {
  const listen = () => serve(behind(...judging(authenticator)));

  it('refuses two Authorization headers, of which Node itself shows one', async () => {
    const url = await listen();
    const field = `Authorization: Bearer ${token}`;
    const answer = await raw(url, ['GET / HTTP/1.1', field, field]);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    const [, challenge] = /\r\nwww-authenticate: ([^\r]*)\r\n/i.exec(answer) ?? [];
    expect(parseChallenge(challenge).parameters['error']).toBe('invalid_request');
    expect(await raw(url, ['GET / HTTP/1.1', field])).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('repeats nothing that was sent', async () => {
    const url = await listen();
    const answer = await raw(url, ['GET / HTTP/1.1', 'Authorization: Bearer <script>&#34; x']);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).not.toMatch(/<script|#34/);
  });

  it.each(['Authorization: Bearer \xff', 'Authorization: \xe9 x', 'Authorization:\tBearer\t\tx'])(
    'never lets %j pass for somebody',
    async (field) => {
      const answer = await raw(await listen(), ['GET / HTTP/1.1', field]);
      expect(answer).not.toContain('subject');
    },
  );
});
