import { faults, type Responder, type TestIssuer } from '@portcullis/testing';
import { describe, expect, it } from 'vitest';
import { started } from './started.ts';

type Endpoint = readonly [
  name: string,
  answerWith: (issuer: TestIssuer, responder: Responder | undefined) => void,
  ask: (issuer: TestIssuer, init?: RequestInit) => Promise<Response>,
  visits: (issuer: TestIssuer) => number,
];

const endpoints: readonly Endpoint[] = [
  [
    'the key set',
    (issuer, responder) => issuer.answerKeysWith(responder),
    (issuer, init) => fetch(issuer.jwksUri, init),
    ({ visits }) => visits.keys,
  ],
  [
    'the metadata',
    (issuer, responder) => issuer.answerDiscoveryWith(responder),
    (issuer, init) => fetch(`${issuer.issuer}.well-known/openid-configuration`, init),
    ({ visits }) => visits.discovery,
  ],
  [
    'introspection',
    (issuer, responder) => issuer.answerIntrospectionWith(responder),
    (issuer, init) => {
      const { clientId, clientSecret } = issuer.introspectionClient;
      const form = { client_id: clientId, client_secret: clientSecret, token: 'unknown' };
      return fetch(issuer.introspectionEndpoint, {
        ...init,
        method: 'POST',
        body: new URLSearchParams(form),
      });
    },
    ({ visits }) => visits.introspection,
  ],
];

describe.each(endpoints)('%s at fault', (_name, answerWith, ask, visits) => {
  it.each<[string, Responder, number, string | undefined]>([
    ['status(500)', faults.status(500), 500, undefined],
    ['status(429)', faults.status(429), 429, undefined],
    ['garbage', faults.garbage, 200, '<!doctype html><title>Sorry</title>'],
    ['truncated', faults.truncated, 200, '{"issuer":"'],
    ['empty', faults.empty, 200, ''],
    ['a fault by hand', { status: 503, body: { a: 1 }, headers: { 'retry-after': '1' } }, 503, '{"a":1}'],
  ])('by %s answers so, until that ends', async (_fault, responder, status, body) => {
    const issuer = await started();
    const right = await (await ask(issuer)).text();
    answerWith(issuer, responder);
    const answer = await ask(issuer);
    expect([answer.status, await answer.text()]).toEqual([status, body ?? right]);
    answerWith(issuer, undefined);
    const after = await ask(issuer);
    expect([after.status, await after.text()]).toEqual([200, right]);
    expect(visits(issuer)).toBe(3);
  });

  it('by slow answers rightly, and late', async () => {
    const issuer = await started();
    const right = await (await ask(issuer)).text();
    answerWith(issuer, faults.slow(150));
    const begun = performance.now();
    const answer = await ask(issuer);
    expect(performance.now() - begun).toBeGreaterThan(140);
    expect([answer.status, await answer.text()]).toEqual([200, right]);
  });

  it('by redirect points elsewhere', async () => {
    const [issuer, elsewhere] = [await started(), await started()];
    answerWith(issuer, faults.redirect(elsewhere.jwksUri));
    const answer = await ask(issuer, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, elsewhere.jwksUri]);
    expect(elsewhere.visits.keys).toBe(0);
  });

  it('by endless sends more than anybody should read', async () => {
    const issuer = await started();
    answerWith(issuer, faults.endless);
    const { body } = await ask(issuer);
    let bytes = 0;
    for await (const chunk of body ?? []) {
      bytes += chunk.length;
      if (bytes > 4 * 1024 * 1024) break;
    }
    expect(bytes).toBeGreaterThan(4 * 1024 * 1024);
  });

  it('by drip sends single bytes and never ends', async () => {
    const issuer = await started();
    answerWith(issuer, faults.drip);
    const { body } = await ask(issuer);
    let drops = 0;
    for await (const chunk of body ?? []) {
      drops += chunk.length;
      if (drops > 2) break;
    }
    expect(drops).toBe(3);
  });

  it('by silent says nothing', async () => {
    const issuer = await started();
    answerWith(issuer, faults.silent);
    await expect(ask(issuer, { signal: AbortSignal.timeout(200) })).rejects.toThrow('timeout');
    expect(visits(issuer)).toBe(1);
  });

  it('by cut closes the connection', async () => {
    const issuer = await started();
    answerWith(issuer, faults.cut);
    await expect(ask(issuer)).rejects.toMatchObject({ cause: { code: 'UND_ERR_SOCKET' } });
  });

  it('that is paused refuses connections, and comes back on the same port', async () => {
    const issuer = await started();
    const right = await (await ask(issuer)).text();
    await issuer.pause();
    await expect(ask(issuer)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await issuer.resume();
    await issuer.resume();
    expect(await (await ask(issuer)).text()).toBe(right);
    expect(visits(issuer)).toBe(2);
  });
});

describe('an issuer that stops', () => {
  it('ends what is under way, and may be stopped while paused', async () => {
    const issuer = await started();
    issuer.answerKeysWith(faults.silent);
    const waiting = fetch(issuer.jwksUri);
    await expect.poll(() => issuer.visits.keys).toBe(1);
    await Promise.all([issuer.pause(), expect(waiting).rejects.toThrow('fetch failed')]);
    await issuer.stop();
    await expect(fetch(issuer.jwksUri)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });
});
