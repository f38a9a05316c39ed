import {
  createDpopClient,
  createTestCertificate,
  createTestIssuer,
  type TestIssuer,
} from '@portcullis/testing';
import type { DpopOptions } from '@portcullis/tokens';
import { authenticate, requirePermissions } from '@portcullis/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseChallenges } from './rfc9110.ts';
import { behind, raw, serve } from './server.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const door = (options: Record<string, unknown> = {}): Promise<string> =>
  serve(
    behind(
      authenticate({ issuer: issuer.issuer, audience: issuer.audience, ...options }),
      requirePermissions('a:b'),
    ),
  );

describe('CVE-2026-40575, GHSA-5m6w-wvh7-57vm, auth0 #244', () => {
  const forwarded = [
    'X-Forwarded-User: admin',
    'X-Forwarded-Email: admin@example.com',
    'X-Forwarded-Access-Token: TOKEN',
    'X-Forwarded-Authorization: Bearer TOKEN',
    'X-Auth-Request-User: admin',
    'X-Original-Authorization: Bearer TOKEN',
    'Proxy-Authorization: Bearer TOKEN',
    'X_Forwarded_User: admin',
    'Authorization_: Bearer TOKEN',
    'X-Authorization: Bearer TOKEN',
    'Cookie: access_token=TOKEN',
    'X-Client-Cert: TOKEN',
    'X-SSL-Client-Verify: SUCCESS',
    'X-Forwarded-Client-Cert: Hash=00;Subject="CN=admin"',
    'Forwarded: for=127.0.0.1;host=localhost;proto=https',
    'X-Forwarded-For: 127.0.0.1',
    'X-Forwarded-Host: api.example',
    'X-Forwarded-Proto: https',
    'X-Original-URL: /public',
    'X-Rewrite-URL: /public',
  ];

  it('no header but Authorization says who is calling, and none but the token what they may', async () => {
    const url = await door();
    const strong = await issuer.accessToken({ permissions: ['a:b'] });
    const weak = await issuer.accessToken();
    const get = (lines: readonly string[]): Promise<string> => raw(url, ['GET / HTTP/1.1', ...lines]);
    expect(await get([`Authorization: Bearer ${strong}`])).toMatch(/^HTTP\/1\.1 200 /);
    for (const header of forwarded.map((line) => line.replace('TOKEN', strong))) {
      expect([header, (await get([header])).slice(9, 12)]).toEqual([header, '401']);
      expect([header, (await get([header, `Authorization: Bearer ${weak}`])).slice(9, 12)]).toEqual([
        header,
        '403',
      ]);
    }
  });

  it('a header that may be there once is refused twice, in any spelling of its name', async () => {
    const url = await door();
    const strong = await issuer.accessToken({ permissions: ['a:b'] });
    const weak = await issuer.accessToken();
    for (const [one, other] of [
      [strong, weak],
      [weak, strong],
      [strong, strong],
    ] as const) {
      for (const name of ['Authorization', 'authorization', 'AUTHORIZATION']) {
        const lines = ['GET / HTTP/1.1', `Authorization: Bearer ${one}`, `${name}: Bearer ${other}`];
        expect(await raw(url, lines)).toMatch(/^HTTP\/1\.1 400 /);
      }
    }
    expect(await raw(url, ['GET / HTTP/1.1', `AUTHORIZATION: bearer ${strong}`])).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('a proof is compared with the configured origin, whatever a request says of its host', async () => {
    const used = new Set<string>();
    const dpop: DpopOptions = {
      publicUrl: 'https://api.example',
      replayStore: { remember: (key) => used.size < used.add(key).size },
    };
    const url = await door({ dpop });
    const client = await createDpopClient();
    const token = await issuer.accessToken({ permissions: ['a:b'], cnf: { jkt: client.jkt } });
    const answer = (htu: string, ...lines: readonly string[]): Promise<string> =>
      raw(url, [
        'GET /items HTTP/1.1',
        `Authorization: DPoP ${token}`,
        `DPoP: ${client.proof({ method: 'GET', url: htu, token })}`,
        ...lines,
      ]);
    const said = [
      'X-Forwarded-Host: evil.example',
      'X_Forwarded_Host: evil.example',
      'X-Forwarded-Server: evil.example',
      'X-Forwarded-Proto: http',
      'X-Forwarded-Port: 8443',
      'X-Forwarded-Prefix: /evil',
      'X-Original-Host: evil.example',
      'X-Host: evil.example',
      'Forwarded: host=evil.example;proto=https',
    ];
    for (const line of ['Accept: */*', ...said]) {
      expect([line, (await answer('https://api.example/items', line)).slice(9, 12)]).toEqual([line, '200']);
      for (const htu of ['https://evil.example/items', `${url}/items`, 'http://api.example/items']) {
        expect([line, htu, (await answer(htu, line)).slice(9, 12)]).toEqual([line, htu, '401']);
      }
    }
    const proof = client.proof({ method: 'GET', url: 'https://api.example/items', token });
    expect(await answer('https://api.example/items', `DPoP: ${proof}`)).toMatch(/ 401 /);
  });

  it('a certificate in a header is no certificate', async () => {
    const url = await door();
    const certificate = await createTestCertificate();
    const bound = await issuer.accessToken({
      permissions: ['a:b'],
      cnf: { 'x5t#S256': certificate.x5tS256 },
    });
    const pem = encodeURIComponent(certificate.cert);
    const base64 = Buffer.from(certificate.der).toString('base64');
    for (const header of [
      `X-SSL-Client-Cert: ${pem}`,
      `X-Client-Cert: ${base64}`,
      `Client-Cert: :${base64}:`,
      `X-Forwarded-Client-Cert: Cert="${pem}"`,
      `X-Amzn-Mtls-Clientcert: ${pem}`,
    ]) {
      const answer = await raw(url, ['GET / HTTP/1.1', `Authorization: Bearer ${bound}`, header]);
      expect([header.split(':')[0], answer.slice(9, 12)]).toEqual([header.split(':')[0], '401']);
    }
    const free = await issuer.accessToken({ permissions: ['a:b'] });
    expect(await raw(url, ['GET / HTTP/1.1', `Authorization: Bearer ${free}`])).toMatch(/ 200 /);
  });

  it('no Host decides anything', async () => {
    const url = await door();
    const strong = await issuer.accessToken({ permissions: ['a:b'] });
    for (const target of ['/', 'http://admin.example/', 'https://localhost/']) {
      expect(await raw(url, [`GET ${target} HTTP/1.1`, `Authorization: Bearer ${strong}`])).toMatch(/ 200 /);
      expect(await raw(url, [`GET ${target} HTTP/1.1`])).toMatch(/ 401 /);
    }
  });
});

describe('go-sdk #1134, bearerAuth', () => {
  it('a challenge names its error, and reads again as what was meant, whatever the realm and the scopes hold', async () => {
    const realm = 'a", error="none\r\nSet-Cookie: x=y\\ é,😀';
    const url = await door({ realm });
    const challenge = async (authorization?: string) => {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const response = await fetch(url, { headers });
      expect(response.headers.get('set-cookie')).toBeNull();
      const [only, ...more] = parseChallenges(response.headers.get('www-authenticate') ?? '');
      expect(more).toEqual([]);
      const parameters = Object.fromEntries(only?.parameters ?? []);
      expect(parameters['realm']).toMatch(/^a', error='none''Set-Cookie: x=y' ',''?$/);
      return { status: response.status, error: parameters['error'] };
    };
    expect(await challenge()).toEqual({ status: 401, error: undefined });
    expect(await challenge('Bearer a.b.c')).toEqual({ status: 401, error: 'invalid_token' });
    expect(await challenge('Bearer a b c')).toEqual({ status: 400, error: 'invalid_request' });
    expect(await challenge(`Bearer ${await issuer.accessToken()}`)).toEqual({
      status: 403,
      error: 'insufficient_scope',
    });
  });
});

describe('GHSA-qvp4-rpmr-xwrr, CVE-2021-32701', () => {
  it('an introspected token that has passed one route passes another only with what that needs', async () => {
    const { clientId, clientSecret } = issuer.introspectionClient;
    const both = authenticate({
      issuer: issuer.issuer,
      audience: issuer.audience,
      tokenFormat: 'opaque',
      introspection: { authentication: { clientId, clientSecret } },
    });
    const [reads, writes] = [
      await serve(behind(both, requirePermissions('items:read'))),
      await serve(behind(both, requirePermissions('items:write'))),
    ];
    const status = async (url: string, token: string): Promise<number> =>
      (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status;
    const before = issuer.visits.introspection;
    const reader = issuer.opaqueToken({ permissions: ['items:read'] });
    for (let round = 0; round < 3; round++) {
      expect(await status(reads, reader)).toBe(200);
      expect(await status(writes, reader)).toBe(403);
    }
    const writer = issuer.opaqueToken({ permissions: ['items:read', 'items:write'] });
    expect([await status(reads, writer), await status(writes, writer)]).toEqual([200, 200]);
    expect(issuer.visits.introspection - before).toBe(2); // one for each token: the rest was remembered
  });
});
