import { inspect } from 'node:util';
import { createDpopClient, createTestIssuer, spoiled, type TestIssuer } from '@portcullis/testing';
import type { Credential, Observer, Verifier } from '@portcullis/tokens';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { MemoryStore } from './dpop/memory-store.ts';
import { trust } from './trust.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

type Event = readonly [name: keyof Observer, ...given: readonly unknown[]];

/** Writes down what it is told. */
function recorder() {
  const events: Event[] = [];
  const observer: Required<Observer> = {
    verified: (...given) => void events.push(['verified', ...given]),
    refused: (...given) => void events.push(['refused', ...given]),
    keysLoaded: (...given) => void events.push(['keysLoaded', ...given]),
    keysFailed: (...given) => void events.push(['keysFailed', ...given]),
    introspected: (...given) => void events.push(['introspected', ...given]),
  };
  return { events, observer, named: (name: keyof Observer) => events.filter(([event]) => event === name) };
}

const ask = async (verifier: Verifier, credential: Credential) => verifier.verify(credential);
const bearer = (token: string): Credential => ({ scheme: 'bearer', token });

const warnings: Error[] = [];
const note = (warning: Error): void => void warnings.push(warning);
beforeEach(() => {
  warnings.length = 0;
  process.on('warning', note);
});
afterEach(() => void process.off('warning', note));

describe('an observer is told', () => {
  it('of a token that is good, and whether it was seen before', async () => {
    const { observer, named } = recorder();
    const verifier = trust(issuer, { observer });
    const token = await issuer.accessToken();
    const authentication = await ask(verifier, bearer(token));
    await ask(verifier, bearer(token));
    expect(named('verified')).toEqual([
      ['verified', authentication, false, expect.any(Number)],
      ['verified', authentication, true, undefined],
    ]);
    expect(named('refused')).toEqual([]);
  });

  it('of a token that is refused, with the very error, and once', async () => {
    const { observer, named } = recorder();
    const verifier = trust(issuer, { observer });
    const token = await issuer.accessToken();
    const refusals: unknown[] = [];
    const refused = async (credential: Credential): Promise<void> => {
      await expect(
        ask(verifier, credential).catch((error: unknown) => {
          refusals.push(error);
          throw error;
        }),
      ).rejects.toBeDefined();
    };
    await refused(bearer(spoiled.signature(token)));
    await refused(bearer('opaque'));
    await refused({ scheme: 'dpop', token }); // now it is remembered
    await refused({ scheme: 'dpop', token });
    expect(named('refused').map(([, error]) => error)).toEqual(refusals);
    expect(named('refused').every(([, error], index) => error === refusals[index])).toBe(true);
    expect(named('verified')).toEqual([]);
  });

  it('of keys that were loaded: whose, how many can be used, and how long it took', async () => {
    const { observer, events } = recorder();
    const own = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => own.stop());
    own.publishKeys([own.key.publicJwk, { kty: 'oct', k: 'AAAA' }]);
    const verifier = trust(own, { observer });
    await verifier.ready();
    await verifier.reloadKeys();
    const loaded: Event = ['keysLoaded', own.issuer, 1, expect.any(Number)];
    expect(events).toEqual([loaded, loaded]);
    for (const [, , , milliseconds] of events) expect(milliseconds).toBeGreaterThanOrEqual(0);
  });

  it('of keys that could not be loaded, with the reason', async () => {
    const { observer, named } = recorder();
    const own = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => own.stop());
    own.answerKeysWith({ status: 500 });
    const verifier = trust(own, { observer });
    await expect(ask(verifier, bearer(await own.accessToken()))).rejects.toBeDefined();
    expect(named('keysFailed')).toEqual([
      ['keysFailed', expect.objectContaining({ code: 'ERR_ISSUER_UNAVAILABLE' }), own.issuer],
    ]);
    expect(String(named('keysFailed')[0]?.[1])).toContain('status 500');
    expect(named('keysLoaded')).toEqual([]);
    expect(named('refused')).toEqual([
      ['refused', expect.objectContaining({ code: 'ERR_ISSUER_UNAVAILABLE' })],
    ]);
  });

  it('of no failure when a verifier is closed while it loads', async () => {
    const { observer, events } = recorder();
    const verifier = trust(issuer, { observer });
    verifier.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(events).toEqual([]);
  });

  it('of each question to an introspection endpoint, and of none that was not asked', async () => {
    const { observer, events, named } = recorder();
    const { clientId, clientSecret } = issuer.introspectionClient;
    const verifier = trust(issuer, {
      observer,
      tokenFormat: 'opaque',
      introspection: { authentication: { clientId, clientSecret } },
    });
    const token = issuer.opaqueToken();
    await ask(verifier, bearer(token));
    await ask(verifier, bearer(token));
    await expect(ask(verifier, bearer('unknown'))).rejects.toMatchObject({ code: 'ERR_TOKEN_INACTIVE' });
    expect(named('introspected')).toEqual([
      ['introspected', issuer.issuer, true, expect.any(Number)],
      ['introspected', issuer.issuer, false, expect.any(Number)],
    ]);
    expect(events.map(([name]) => name)).toEqual([
      'introspected',
      'verified',
      'verified',
      'introspected',
      'refused',
    ]);
  });

  it('by name alone, so that one who listens to some events misses nothing of them', async () => {
    const codes: string[] = [];
    const verifier = trust(issuer, { observer: { refused: ({ code }) => void codes.push(code) } });
    await ask(verifier, bearer(await issuer.accessToken()));
    await expect(ask(verifier, bearer('x'))).rejects.toBeDefined();
    expect(codes).toEqual(['ERR_TOKEN_MALFORMED']);
  });
});

describe('several observers', () => {
  it('are all told, in order, each with its own this', async () => {
    class Counter implements Observer {
      count = 0;
      verified(): void {
        this.count++;
      }
    }
    const order: number[] = [];
    const counter = new Counter();
    const verifier = trust(issuer, {
      observer: [{ verified: () => void order.push(1) }, counter, {}, { verified: () => void order.push(2) }],
    });
    await ask(verifier, bearer(await issuer.accessToken()));
    expect(order).toEqual([1, 2]);
    expect(counter.count).toBe(1);
  });
});

describe('an observer that fails', () => {
  const thrown: readonly [string, () => unknown][] = [
    ['an error', () => new Error('a metric with a wrong label')],
    ['text', () => 'a metric'],
    ['undefined', () => undefined],
    ['what cannot be made a text of', () => Object.create(null)],
  ];
  const failing: readonly [string, (what: () => unknown) => () => void][] = [
    [
      'throws',
      (what) => () => {
        throw what();
      },
    ],
    [
      'rejects with',
      (what) => async () => {
        throw what();
      },
    ],
  ];

  it.each(failing.flatMap(([how, made]) => thrown.map(([what, make]) => [how, what, made(make)] as const)))(
    '%s %s: warns, changes no verdict and keeps nothing from the next one',
    async (_how, _what, fail) => {
      const { observer: witness, events } = recorder();
      const observer: Observer = { verified: fail, refused: fail, keysLoaded: fail, keysFailed: fail };
      const verifier = trust(issuer, { observer: [observer, witness] });
      const token = await issuer.accessToken();
      expect(await ask(verifier, bearer(token))).toMatchObject({ subject: 'user|1' });
      expect(await ask(verifier, bearer(token))).toMatchObject({ subject: 'user|1' });
      await expect(ask(verifier, bearer(spoiled.signature(token)))).rejects.toMatchObject({
        code: 'ERR_SIGNATURE_INVALID',
      });
      expect(events.map(([name]) => name)).toEqual(['keysLoaded', 'verified', 'verified', 'refused']);
      await expect.poll(() => warnings.length).toBe(4);
      for (const warning of warnings) {
        expect(warning).toMatchObject({ code: 'PORTCULLIS_OBSERVER' });
        expect(warning.message).toMatch(/^an observer of a verifier threw: ./);
        expect(warning.message).not.toContain(token);
      }
    },
  );
});

describe('what an observer is handed', () => {
  it('holds no token, no proof and no secret', async () => {
    const { observer, events, named } = recorder();
    const publicUrl = 'https://api.example';
    const { clientId, clientSecret } = issuer.introspectionClient;
    const secret = 'the secret of the nonces, at least 32 bytes of it';
    const verifier = trust(issuer, {
      observer,
      tokenFormat: 'both',
      introspection: { authentication: { clientId, clientSecret } },
      dpop: { publicUrl, replayStore: new MemoryStore(), nonce: { secret } },
    });
    const client = await createDpopClient();
    const token = await issuer.accessToken();
    const bound = await issuer.accessToken({ cnf: { jkt: client.jkt } });
    const opaque = issuer.opaqueToken();
    const proof = client.proof({ method: 'GET', url: `${publicUrl}/items`, token: bound });
    const credentials: readonly Credential[] = [
      bearer(token),
      bearer(spoiled.signature(token)),
      bearer(bound),
      bearer(opaque),
      bearer('an-opaque-token-that-nobody-knows'),
      { scheme: 'dpop', token: bound, proof, method: 'GET', url: '/items' },
      { scheme: 'dpop', token: bound, proof: spoiled.signature(proof), method: 'GET', url: '/items' },
    ];
    for (const credential of credentials) await ask(verifier, credential).catch(() => undefined);
    expect(named('verified')).toHaveLength(2);
    expect(named('refused').length).toBeGreaterThanOrEqual(3);
    const handed = inspect(events, {
      showHidden: true,
      depth: Infinity,
      maxStringLength: null,
      maxArrayLength: null,
    });
    expect(handed).toContain('user|1');
    for (const text of [
      token,
      bound,
      opaque,
      proof,
      'an-opaque-token-that-nobody-knows',
      clientSecret,
      secret,
    ]) {
      expect(handed).not.toContain(text);
      expect(handed).not.toContain(text.slice(-32));
    }
  });
});
