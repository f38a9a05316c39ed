import { createTestCertificate, createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { createVerifier, type Authentication } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trust, verify } from '../trust.ts';
import { untyped } from '../untyped.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const created = (options: Readonly<Record<string, unknown>>) => (): void =>
  createVerifier({ issuer: issuer.issuer, audience: issuer.audience, ...untyped(options) }).close();

describe('CVE-2026-35041, GHSA-cjw9-ghj4-fwxf', () => {
  it('no pattern can be given to be run on what a token says', () => {
    expect(created({ audience: 'https://api.example' })).not.toThrow();
    for (const pattern of [/^(a+)+$/, [/^(a+)+$/], ['https://api.example', /a/], { source: 'a' }]) {
      expect(created({ audience: pattern })).toThrow(/"audience"/);
    }
    for (const pattern of [/^(a+)+$/, [/^(a+)+$/]]) expect(created({ issuer: pattern })).toThrow(/"issuer"/);
  });

  it.each(['aud', 'iss', 'sub', 'scope', 'jti', 'client_id', 'azp', 'acr'])(
    'a long and hostile %s claim costs no time to speak of',
    async (claim) => {
      const verifier = trust(issuer);
      await verifier.ready();
      const token = await issuer.accessToken({ [claim]: `${'a'.repeat(9000)}!` });
      const times: number[] = [];
      for (let run = 0; run < 10; run++) {
        const start = performance.now();
        await verify(verifier, token).catch(() => undefined);
        times.push(performance.now() - start);
      }
      expect(Math.min(...times)).toBeLessThan(20);
      expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
    },
  );
});

describe('CVE-2026-35040, GHSA-3j8v-cgw4-2g6q', () => {
  it('the same token has the same verdict a hundred times over', async () => {
    const verifier = trust(issuer);
    const good = await issuer.accessToken();
    const bad = await issuer.accessToken({ aud: 'https://other.example' });
    const { subject, claims } = await verify(verifier, good);
    for (let time = 0; time < 100; time++) {
      expect(await verify(verifier, good)).toMatchObject({ subject, claims });
      await expect(verify(verifier, bad)).rejects.toMatchObject({ code: 'ERR_AUDIENCE_MISMATCH' });
    }
  });
});

describe('CVE-2026-35039, GHSA-rp9m-7r4c-75qg', () => {
  it('no two tokens share a verdict, and nobody can make them share one', async () => {
    const verifier = trust(issuer, untyped({ cacheKeyBuilder: () => 'same' }));
    const subjects = Array.from({ length: 20 }, (_, index) => `user|${index}`);
    const time = { iat: Math.floor(Date.now() / 1000), jti: 'same' };
    const tokens = await Promise.all(subjects.map((sub) => issuer.accessToken({ ...time, sub })));
    for (let round = 0; round < 3; round++) {
      const verdicts = await Promise.all(tokens.map((token) => verify(verifier, token)));
      expect(verdicts.map(({ subject }) => subject)).toEqual(subjects);
    }
    // The first two parts of one, with the signature of another.
    const [one = '', other = ''] = tokens;
    const crossed = one.slice(0, one.lastIndexOf('.')) + other.slice(other.lastIndexOf('.'));
    await expect(verify(verifier, crossed)).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
  });

  it('a verdict is that of the verifier that was asked', async () => {
    const token = await issuer.accessToken();
    const one = trust(issuer);
    const other = trust(issuer, { audience: 'https://other.example' });
    for (let round = 0; round < 3; round++) {
      expect(await verify(one, token)).toBeDefined();
      await expect(verify(other, token)).rejects.toMatchObject({ code: 'ERR_AUDIENCE_MISMATCH' });
    }
  });
});

describe('CVE-2025-30144', () => {
  it.each(['iss', 'sub', 'jti', 'client_id', 'azp', 'scope'])(
    'a list, an object or a number is no %s, even with the right name in it',
    async (claim) => {
      const verifier = trust(issuer);
      const right = claim === 'iss' ? issuer.issuer : 'name';
      expect(await verify(verifier, await issuer.accessToken({ [claim]: right }))).toBeDefined();
      for (const value of [
        [right],
        [right, 'https://evil.example'],
        { 0: right, length: 1 },
        7,
        true,
        null,
      ]) {
        await expect(verify(verifier, await issuer.accessToken({ [claim]: value }))).rejects.toMatchObject({
          error: 'invalid_token',
        });
      }
    },
  );
});

describe('CVE-2020-26160, CVE-2024-53861', () => {
  it('an aud of the wrong type or nearly the right name is not ours', async () => {
    const verifier = trust(issuer);
    const { audience } = issuer;
    for (const aud of [audience, [audience], ['https://other.example', audience]]) {
      expect(await verify(verifier, await issuer.accessToken({ aud }))).toBeDefined();
    }
    const near = [`${audience}/`, `${audience}.evil.example`, audience.slice(0, -1), audience.toUpperCase()];
    const odd = [
      [],
      '',
      [''],
      7,
      [7],
      null,
      [null],
      true,
      {},
      { [audience]: true },
      [[audience]],
      [audience, 7],
    ];
    for (const aud of [undefined, ` ${audience}`, `${audience} other`, ...near, ...odd]) {
      await expect(verify(verifier, await issuer.accessToken({ aud }))).rejects.toMatchObject({
        error: 'invalid_token',
      });
    }
  });

  it('an iss that begins, ends or goes on like ours is not ours', async () => {
    const verifier = trust(issuer);
    const own = issuer.issuer;
    expect(await verify(verifier, await issuer.accessToken({ iss: own }))).toBeDefined();
    const near = [
      own.slice(0, -1),
      own.slice(1),
      `${own}/`,
      `${own}x`,
      `${own} `,
      ` ${own}`,
      own.toUpperCase(),
    ];
    for (const iss of [
      '',
      'h',
      undefined,
      `${own}?`,
      `${own}#`,
      own.replace('127.0.0.1', 'localhost'),
      ...near,
    ]) {
      await expect(verify(verifier, await issuer.accessToken({ iss }))).rejects.toMatchObject({
        code: 'ERR_TOKEN_UNTRUSTED',
      });
    }
  });
});

describe('CVE-2026-22748', () => {
  it.each<[string, (own: TestIssuer) => Record<string, unknown>]>([
    ['one issuer', (own) => ({ issuer: own.issuer })],
    ['a list of one', (own) => ({ issuer: [own.issuer] })],
    ['a list of several', (own) => ({ issuer: ['https://login.example/', own.issuer] })],
    ['an address of the keys', (own) => ({ jwksUri: own.jwksUri })],
    ['one algorithm', () => ({ algorithms: ['ES256'] })],
    ['a clock and a tolerance', () => ({ now: Date.now, clockTolerance: 60 })],
    ['several audiences', (own) => ({ audience: ['https://other.example', own.audience] })],
  ])('a verifier built with %s asks whose token it is', async (_name, options) => {
    const verifier = trust(issuer, options(issuer));
    expect(await verify(verifier, await issuer.accessToken())).toMatchObject({ issuer: issuer.issuer });
    for (const iss of [undefined, '', 'https://evil.example/', `${issuer.issuer}x`, null]) {
      await expect(verify(verifier, await issuer.accessToken({ iss }))).rejects.toMatchObject({
        code: 'ERR_TOKEN_UNTRUSTED',
      });
    }
  });

  it('no verifier can be built without an issuer', () => {
    for (const given of [undefined, null, '', [], [''], {}])
      expect(created({ issuer: given })).toThrow(TypeError);
  });
});

describe('Clerk #8877', () => {
  it('what is configured is required: a token without the claim is not let off', async () => {
    const verifier = trust(issuer);
    expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
    for (const claim of ['iss', 'aud', 'exp', 'sub']) {
      await expect(verify(verifier, await issuer.accessToken({ [claim]: undefined }))).rejects.toMatchObject({
        error: 'invalid_token',
      });
    }
  });

  it('a client that is named twice is not chosen from: azp is no way around client_id', async () => {
    const verifier = trust(issuer);
    const client = async (claims: Record<string, unknown>): Promise<Authentication['client']> =>
      (await verify(verifier, await issuer.accessToken(claims))).client;
    expect(await client({ client_id: 'a', azp: undefined })).toBe('a');
    expect(await client({ client_id: undefined, azp: 'b' })).toBe('b');
    expect(await client({ client_id: 'a', azp: 'b' })).toBe('a');
    expect(await client({ client_id: undefined, azp: undefined })).toBeUndefined();
  });
});

describe('CVE-2019-10157, CVE-2017-7474', () => {
  it('a logout token, true or forged, opens nothing', async () => {
    const verifier = trust(issuer);
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
    await expect(verify(verifier, await issuer.accessToken({ events, sid: '1' }))).rejects.toMatchObject({
      code: 'ERR_TOKEN_KIND_REFUSED',
      sent: 'logout token',
    });
    for (const typ of ['logout+jwt', 'application/logout+jwt', 'LOGOUT+JWT']) {
      const typed = await issuer.accessToken({ events }, { header: { typ } });
      await expect(verify(verifier, typed)).rejects.toMatchObject({ error: 'invalid_token' });
    }
  });
});

describe('CVE-2026-22747', () => {
  it('a certificate is known by its thumbprint: one with the same subject is another', async () => {
    const verifier = trust(issuer);
    const [own, twin] = [await createTestCertificate(), await createTestCertificate()];
    const bound = await issuer.accessToken({ cnf: { 'x5t#S256': own.x5tS256 } });
    const by = async (token: string, certificate?: Uint8Array): Promise<Authentication> =>
      verifier.verify({ scheme: 'bearer', token, ...(certificate ? { certificate } : {}) });
    expect(await by(bound, own.der)).toMatchObject({ binding: { x5tS256: own.x5tS256 } });
    for (const certificate of [twin.der, undefined, new Uint8Array(), own.der.slice(1)]) {
      await expect(by(bound, certificate)).rejects.toMatchObject({ code: 'ERR_BINDING_REFUSED' });
    }
  });

  it('and lends no identity: its subject does not change who is calling', async () => {
    const verifier = trust(issuer);
    const token = await issuer.accessToken();
    const plain = await verify(verifier, token);
    for (const name of ['admin', 'user|1', 'a, CN=admin', 'CN=admin+OU=root']) {
      const { der } = await createTestCertificate({ name });
      expect(await verifier.verify({ scheme: 'bearer', token, certificate: der })).toEqual(plain);
    }
  });
});
