import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createTestIssuer, createTestKey, type Responder } from '@portcullis/testing';
import { IssuerUnavailable } from '@portcullis/tokens';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { trust, verify } from './trust.ts';

const MINUTE = 60_000;
let offset = 0;
const now = (): number => Date.now() + offset;
const pass = (milliseconds: number): void => void (offset += milliseconds);
beforeEach(() => void (offset = 0));

async function issuing(options?: Parameters<typeof createTestIssuer>[0]) {
  const issuer = await createTestIssuer({ algorithm: 'ES256', ...options });
  onTestFinished(() => issuer.stop());
  return issuer;
}

/** A token that lives through all the minutes that these tests let pass. */
const long = () => ({ exp: Math.floor(Date.now() / 1000) + 86_400 });

function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const drops = setInterval(() => response.write(' '), 50);
  response.on('close', () => clearInterval(drops));
}

function endless(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const pour = (): void => {
    while (!response.destroyed && response.write('x'.repeat(65_536)));
  };
  response.on('drain', pour);
  pour();
}

const faults: [string, Responder][] = [
  ['a 500', { status: 500 }],
  ['a 429', { status: 429 }],
  ['a 404', { status: 404 }],
  ['HTML', { body: '<html></html>' }],
  ['truncated JSON', { body: '{"keys":[' }],
  ['{}', { body: {} }],
  ['null', { body: 'null' }],
  ['no keys', { body: { keys: [] } }],
  ['keys that are no list', { body: { keys: {} } }],
  ['more than 100 keys', { body: { keys: Array.from({ length: 101 }, () => ({ kty: 'oct' })) } }],
  ['an endless body', (_request, response) => endless(response)],
  ['one byte at a time', (_request, response) => drip(response)],
  ['silence', () => undefined],
  ['a cut connection', (request) => request.socket.destroy()],
];

describe.each(faults)('a key set that answers with %s', (_fault, responder) => {
  it('makes good tokens wait: 503, soon, and not ready', async () => {
    const issuer = await issuing();
    issuer.answerKeysWith(responder);
    const verifier = trust(issuer, { requestTimeout: 300 });
    const started = performance.now();
    const refusal = await verify(verifier, await issuer.accessToken()).catch((error: unknown) => error);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(refusal).toBeInstanceOf(IssuerUnavailable);
    expect(refusal).toMatchObject({ code: 'ERR_ISSUER_UNAVAILABLE' });
    expect([1, 2]).toContain(refusal instanceof IssuerUnavailable && refusal.retryAfter);
    expect(verifier.isReady()).toBe(false);
  });

  it('leaves the keys that are known in use', async () => {
    const issuer = await issuing();
    const verifier = trust(issuer, { requestTimeout: 300, now });
    const token = await issuer.accessToken(long());
    await verifier.ready();
    issuer.answerKeysWith(responder);
    pass(11 * MINUTE);
    expect(await verify(verifier, token)).toBeDefined();
    await expect.poll(() => issuer.visits.keys).toBe(2);
    expect(await verify(verifier, token)).toBeDefined();
    expect(verifier.isReady()).toBe(true);
  });
});

describe('an issuer that is gone', () => {
  it('is asked every second until it first answers, and tokens pass from then on', async () => {
    const issuer = await issuing();
    issuer.answerDiscoveryWith({ status: 503 });
    const verifier = trust(issuer);
    const token = await issuer.accessToken();
    await expect(verify(verifier, token)).rejects.toBeInstanceOf(IssuerUnavailable);
    issuer.answerDiscoveryWith(undefined);
    await verifier.ready();
    expect(verifier.isReady()).toBe(true);
    expect(await verify(verifier, token)).toBeDefined();
    expect(issuer.visits).toEqual({ discovery: 2, keys: 1 });
  });

  it('is 503 only for its own tokens of the right form', async () => {
    const issuer = await issuing();
    issuer.answerDiscoveryWith({ status: 503 });
    const verifier = trust(issuer);
    await expect(verify(verifier, await issuer.accessToken())).rejects.toBeInstanceOf(IssuerUnavailable);
    await expect(verify(verifier, 'a.b.c')).rejects.toMatchObject({ code: 'ERR_TOKEN_MALFORMED' });
    const stranger = await issuer.accessToken({ iss: 'https://evil.example/' });
    await expect(verify(verifier, stranger)).rejects.toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
  });

  it('may publish 100 keys in a mebibyte, and not one key or byte more', async () => {
    const issuer = await issuing();
    const token = await issuer.accessToken();
    const set = (keys: number, padding: number) => {
      const odd = Array.from({ length: keys - 1 }, () => ({ kty: 'oct' }));
      const text = JSON.stringify({ keys: [issuer.key.publicJwk, ...odd] });
      return { body: text.padEnd(padding, ' ') };
    };
    const mebibyte = 1024 * 1024;
    issuer.answerKeysWith(set(100, mebibyte));
    expect(await verify(trust(issuer), token)).toBeDefined();
    issuer.answerKeysWith(set(100, mebibyte + 1));
    await expect(verify(trust(issuer), token)).rejects.toThrow('longer than 1048576 bytes');
    issuer.answerKeysWith(set(101, 0));
    await expect(verify(trust(issuer), token)).rejects.toThrow('more than 100 keys');
  });

  it('lets known keys serve for an hour and not much longer', async () => {
    const issuer = await issuing();
    const verifier = trust(issuer, { now });
    const token = await issuer.accessToken(long());
    await verifier.ready();
    issuer.answerKeysWith({ status: 500 });
    for (let minute = 0; minute < 69; minute += 3) {
      pass(3 * MINUTE);
      expect(await verify(verifier, token)).toBeDefined();
    }
    pass(5 * MINUTE);
    await expect(verify(verifier, token)).rejects.toBeInstanceOf(IssuerUnavailable);
    issuer.answerKeysWith(undefined);
    pass(MINUTE);
    expect(await verify(verifier, token)).toBeDefined();
  });

  it('is not asked again by a flood, and an unknown kid is then nobody’s fault', async () => {
    const issuer = await issuing();
    const verifier = trust(issuer, { now });
    await verifier.ready();
    issuer.answerKeysWith({ status: 500 });
    pass(MINUTE);
    const unknown = await issuer.accessToken({}, { header: { kid: 'new' } });
    for (let time = 0; time < 50; time++) {
      await expect(verify(verifier, unknown)).rejects.toBeInstanceOf(IssuerUnavailable);
    }
    expect(issuer.visits.keys).toBe(2);
  });

  it('is asked once by a crowd that arrives together', async () => {
    const issuer = await issuing();
    issuer.answerKeysWith({ delay: 100 });
    const verifier = trust(issuer);
    const token = await issuer.accessToken();
    await Promise.all(Array.from({ length: 50 }, () => verify(verifier, token)));
    expect(issuer.visits).toEqual({ discovery: 1, keys: 1 });
  });

  it('is asked no more once the verifier is closed', async () => {
    const issuer = await issuing();
    issuer.answerKeysWith({ status: 500 });
    const verifier = trust(issuer);
    await verify(verifier, await issuer.accessToken()).catch(() => undefined);
    verifier.close();
    const { keys } = issuer.visits;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(issuer.visits.keys).toBe(keys);
  });
});

describe('discovery', () => {
  it.each([true, false])('finds the keys when the trailing slash is %s', async (trailingSlash) => {
    const issuer = await issuing({ trailingSlash });
    expect(await verify(trust(issuer), await issuer.accessToken())).toMatchObject({ issuer: issuer.issuer });
  });

  it('is skipped when the place of the keys is configured', async () => {
    const issuer = await issuing();
    expect(
      await verify(trust(issuer, { jwksUri: issuer.jwksUri }), await issuer.accessToken()),
    ).toBeDefined();
    expect(issuer.visits.discovery).toBe(0);
  });

  it('refuses metadata that name another issuer, and takes no key from them', async () => {
    const issuer = await issuing();
    issuer.answerDiscoveryWith({ body: { issuer: 'https://evil.example/', jwks_uri: issuer.jwksUri } });
    await expect(verify(trust(issuer), await issuer.accessToken())).rejects.toThrow('name another issuer');
    expect(issuer.visits.keys).toBe(0);
  });

  it('says so when only a trailing slash differs', async () => {
    const issuer = await issuing();
    issuer.answerDiscoveryWith({ body: { issuer: issuer.issuer.slice(0, -1), jwks_uri: issuer.jwksUri } });
    await expect(verify(trust(issuer), await issuer.accessToken())).rejects.toThrow(
      'the trailing slash differs',
    );
  });

  it.each([undefined, 7, 'keys.json', 'http://keys.example/', 'file:///etc/passwd'])(
    'refuses the jwks_uri %j',
    async (jwksUri) => {
      const issuer = await issuing();
      issuer.answerDiscoveryWith({ body: { issuer: issuer.issuer, jwks_uri: jwksUri } });
      await expect(verify(trust(issuer), await issuer.accessToken())).rejects.toThrow('jwks_uri');
    },
  );

  it('falls back to the metadata of RFC 8414, with the path behind the well-known part', async () => {
    const key = await createTestKey('ES256');
    const paths: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url);
      if (request.url === '/keys') response.end(JSON.stringify({ keys: [key.publicJwk] }));
      else if (request.url === '/.well-known/oauth-authorization-server/tenant') {
        response.end(JSON.stringify({ issuer: `${origin}/tenant/`, jwks_uri: `${origin}/keys` }));
      } else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;

    const minting = await issuing();
    const verifier = trust(minting, { issuer: `${origin}/tenant/` });
    expect(
      await verify(verifier, await minting.accessToken({ iss: `${origin}/tenant/` }, { key })),
    ).toBeDefined();
    expect(paths[0]).toBe('/tenant/.well-known/openid-configuration');
  });

  it('tells its host why, and names a trailing slash that differs', async () => {
    const issuer = await issuing();
    const reasons: string[] = [];
    const typed = issuer.issuer.slice(0, -1);
    const observer = { keysFailed: ({ message }: IssuerUnavailable) => void reasons.push(message) };
    const verifier = trust(issuer, { issuer: typed, observer });
    const refusal = verify(verifier, await issuer.accessToken({ iss: typed }));
    await expect(refusal).rejects.toBeInstanceOf(IssuerUnavailable);
    expect(reasons).toEqual([
      expect.stringContaining(`its metadata name "${issuer.issuer}": the trailing slash differs`),
    ]);
  });

  it('follows no redirect', async () => {
    const issuer = await issuing();
    const elsewhere = await issuing();
    const redirect = { status: 302, headers: { location: elsewhere.jwksUri } };
    issuer.answerKeysWith(redirect);
    await expect(verify(trust(issuer), await issuer.accessToken())).rejects.toBeInstanceOf(IssuerUnavailable);
    issuer.answerDiscoveryWith(redirect);
    await expect(verify(trust(issuer), await issuer.accessToken())).rejects.toBeInstanceOf(IssuerUnavailable);
    expect(elsewhere.visits).toEqual({ discovery: 0, keys: 0 });
  });
});
