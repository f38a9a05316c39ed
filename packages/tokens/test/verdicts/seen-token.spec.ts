import { inspect } from 'node:util';
import {
  createDpopClient,
  createTestIssuer,
  createTestKey,
  spoiled,
  type TestIssuer,
} from '@portcullis/testing';
import {
  createVerifier,
  type Authentication,
  type DenyList,
  type Observer,
  type Verifier,
  type VerifierOptions,
} from '@portcullis/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { MemoryStore } from '../dpop/memory-store.ts';
import { trust, verify } from '../trust.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

/** Stands still, so that a second is a second. */
let clock = 0;
const now = (): number => clock;
const pass = (seconds: number): void => void (clock += seconds * 1000);
beforeEach(() => void (clock = Math.floor(Date.now() / 1000) * 1000));

/** A verifier that says whether its last answer was remembered. */
function watched(options: Partial<VerifierOptions> = {}, of = issuer) {
  const seen: boolean[] = [];
  const observer: Observer = { verified: (_authentication, cached) => void seen.push(cached) };
  const verifier = trust(of, { now, observer, ...options });
  const cached = async (token: string): Promise<boolean | undefined> => {
    await verify(verifier, token);
    return seen.at(-1);
  };
  return { verifier, cached };
}

function atOnce(verifier: Verifier, token: string): Authentication {
  const answer = verifier.verify({ scheme: 'bearer', token });
  if (answer instanceof Promise) throw new Error('it answered with a promise');
  return answer;
}

async function codeOf(verifier: Verifier, token: string): Promise<unknown> {
  return verify(verifier, token).then(
    () => 'good',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
}

const changed = (token: string, at: number, to: string): string =>
  token.slice(0, at) + to + token.slice(at + 1);

describe('a token that was seen', () => {
  it('answers without a promise, and as it did the first time', async () => {
    const { verifier } = watched();
    const token = await issuer.accessToken({ scope: 'a:b', permissions: ['a:b'] });
    const first = verifier.verify({ scheme: 'bearer', token });
    expect(first).toBeInstanceOf(Promise);
    const answer = await first;
    expect(atOnce(verifier, token)).toBe(answer);
    expect(verifier.recall({ scheme: 'bearer', token })).toBe(answer);
  });

  it('is not recalled before it was verified', async () => {
    const { verifier } = watched();
    const token = await issuer.accessToken();
    expect(verifier.recall({ scheme: 'bearer', token })).toBeUndefined();
    await verify(verifier, token);
    expect(verifier.recall({ scheme: 'bearer', token })).toBeDefined();
  });

  it('expires at the second that one which was not seen does, and throws at once', async () => {
    const { verifier } = watched({ clockTolerance: 0 });
    const token = await issuer.accessToken({ exp: clock / 1000 + 100 });
    await verify(verifier, token);
    pass(99.999);
    expect(atOnce(verifier, token)).toMatchObject({ subject: 'user|1' });
    pass(0.001);
    expect(() => atOnce(verifier, token)).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_EXPIRED' }));
    expect(await codeOf(watched({ clockTolerance: 0 }).verifier, token)).toBe('ERR_TOKEN_EXPIRED');
  });

  it('expires after the tolerance, where there is one', async () => {
    const { verifier } = watched({ clockTolerance: 7 });
    const token = await issuer.accessToken({ exp: clock / 1000 + 100 });
    await verify(verifier, token);
    pass(106.999);
    expect(atOnce(verifier, token)).toBeDefined();
    pass(0.001);
    expect(() => atOnce(verifier, token)).toThrow(/exp/);
  });

  it('is verified again after the configured time, counted from its verification', async () => {
    const { cached } = watched({ verdictCache: { maxAge: 20 } });
    const token = await issuer.accessToken();
    expect(await cached(token)).toBe(false);
    pass(19.999);
    expect(await cached(token)).toBe(true);
    pass(0.001);
    expect(await cached(token)).toBe(false);
    expect(await cached(token)).toBe(true);
  });

  it('is verified each time where nothing may be remembered', async () => {
    const { cached } = watched({ verdictCache: { maxAge: 0 } });
    const token = await issuer.accessToken();
    for (let time = 0; time < 3; time++) expect(await cached(token)).toBe(false);
  });

  it('is verified again after an emergency', async () => {
    const { verifier, cached } = watched();
    const token = await issuer.accessToken();
    await cached(token);
    expect(await cached(token)).toBe(true);
    await verifier.reloadKeys();
    expect(await cached(token)).toBe(false);
  });
});

describe('a token that differs', () => {
  it('in any one character is not the one that was seen', async () => {
    const { verifier } = watched();
    const token = await issuer.accessToken();
    const good = await verify(verifier, token);
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'A' ? 'B' : 'A';
      expect(verifier.recall({ scheme: 'bearer', token: changed(token, at, other) })).toBeUndefined();
    }
    expect(verifier.recall({ scheme: 'bearer', token })).toBe(good);
  });

  it('in case, length or white space is not the one that was seen, and is refused', async () => {
    const { verifier } = watched();
    const token = await issuer.accessToken();
    await verify(verifier, token);
    const at = token.length - 1 - [...token].toReversed().findIndex((character) => /[a-z]/i.test(character));
    const turned = token.charAt(at);
    const spellings = [
      token.toUpperCase(),
      token.toLowerCase(),
      changed(token, at, turned === turned.toLowerCase() ? turned.toUpperCase() : turned.toLowerCase()),
      token.slice(1),
      token.slice(0, -1),
      token.slice(-32),
      ` ${token}`,
      `${token} `,
      `${token}=`,
      `${token}.`,
      `A${token}`,
      spoiled.spelling(token),
    ];
    for (const other of spellings) {
      expect(verifier.recall({ scheme: 'bearer', token: other })).toBeUndefined();
      expect(await codeOf(verifier, other)).toMatch(
        /^ERR_(TOKEN_MALFORMED|SIGNATURE_INVALID|HEADER_REFUSED)$/,
      );
    }
    expect(atOnce(verifier, token)).toBeDefined();
  });

  it('in all but its signature is refused, whatever it claims', async () => {
    const { verifier } = watched();
    const token = await issuer.accessToken();
    await verify(verifier, token);
    for (const other of [spoiled.claims(token, { sub: 'admin' }), spoiled.header(token, { typ: 'JWT' })]) {
      expect(other.slice(-32)).toBe(token.slice(-32));
      expect(await codeOf(verifier, other)).toBe('ERR_SIGNATURE_INVALID');
    }
    expect(atOnce(verifier, token)).toBeDefined();
  });
});

describe('a key that was withdrawn', () => {
  const issuing = async (): Promise<TestIssuer> => {
    const own = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => own.stop());
    return own;
  };

  it('takes what it had verified with it, once the new set has come', async () => {
    const own = await issuing();
    const { verifier, cached } = watched({}, own);
    const old = await own.accessToken({ exp: clock / 1000 + 3600 });
    await cached(old);
    await own.rotateKeys();
    pass(11);
    expect(await cached(old)).toBe(true); // the set that is known is still good
    const fresh = await own.accessToken();
    expect(await cached(fresh)).toBe(false);
    expect(verifier.recall({ scheme: 'bearer', token: old })).toBeUndefined();
    expect(await codeOf(verifier, old)).toBe('ERR_TOKEN_UNTRUSTED');
    expect(await cached(fresh)).toBe(true);
  });

  it('does so even if the new one has its name', async () => {
    const own = await issuing();
    const { verifier, cached } = watched({}, own);
    const old = await own.accessToken({ exp: clock / 1000 + 3600 });
    await cached(old);
    expect(await cached(old)).toBe(true);
    const twin = await createTestKey('ES256', { kid: own.key.kid });
    own.publishKeys([twin.publicJwk]);
    await verifier.reloadKeys();
    expect(verifier.recall({ scheme: 'bearer', token: old })).toBeUndefined();
    expect(await codeOf(verifier, old)).toBe('ERR_SIGNATURE_INVALID');
    expect(await codeOf(verifier, await own.accessToken({}, { key: twin }))).toBe('good');
  });

  it('does so when the set is fetched anew in the course of time', async () => {
    const own = await issuing();
    const { verifier, cached } = watched({}, own);
    const old = await own.accessToken({ exp: clock / 1000 + 3600 });
    await cached(old);
    const twin = await createTestKey('ES256', { kid: own.key.kid });
    own.publishKeys([twin.publicJwk]);
    pass(11);
    const unknown = await own.accessToken({}, { header: { kid: 'unknown' } });
    expect(await codeOf(verifier, unknown)).toBe('ERR_TOKEN_UNTRUSTED'); // has the set fetched
    expect(verifier.recall({ scheme: 'bearer', token: old })).toBeUndefined();
    expect(await codeOf(verifier, old)).toBe('ERR_SIGNATURE_INVALID');
  });

  it('leaves alone what the others had verified', async () => {
    const own = await issuing();
    const { cached } = watched({}, own);
    const old = await own.accessToken();
    await cached(old);
    await own.rotateKeys({ keep: true });
    pass(11);
    expect(await cached(await own.accessToken())).toBe(false);
    expect(await cached(old)).toBe(true);
  });
});

describe('two verifiers', () => {
  it('never share what they have seen', async () => {
    const token = await issuer.accessToken({ exp: clock / 1000 + 20 });
    const first = watched();
    await first.cached(token);
    expect(await first.cached(token)).toBe(true);
    expect(watched().verifier.recall({ scheme: 'bearer', token })).toBeUndefined();
    const strangers: readonly [Partial<VerifierOptions>, string][] = [
      [{ audience: 'https://other.example' }, 'ERR_AUDIENCE_MISMATCH'],
      [{ issuer: 'https://other.example/' }, 'ERR_TOKEN_UNTRUSTED'],
      [{ algorithms: ['RS256'] }, 'ERR_HEADER_REFUSED'],
    ];
    for (const [options, code] of strangers) {
      const { verifier } = watched(options);
      expect(await codeOf(verifier, token)).toBe(code);
      expect(await codeOf(verifier, token)).toBe(code);
    }
    pass(22);
    expect(await codeOf(watched({ clockTolerance: 1 }).verifier, token)).toBe('ERR_TOKEN_EXPIRED');
    expect(await codeOf(first.verifier, token)).toBe('good');
  });
});

describe('a refusal', () => {
  it('for a reason of the clock is not remembered', async () => {
    const { verifier } = watched();
    const token = await issuer.accessToken({ nbf: clock / 1000 + 30 });
    for (let time = 0; time < 2; time++)
      expect(await codeOf(verifier, token)).toBe('ERR_TOKEN_NOT_YET_VALID');
    pass(30);
    expect(await codeOf(verifier, token)).toBe('good');
  });

  it('for an unknown key is not remembered beyond the next set of keys', async () => {
    const own = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => own.stop());
    const { verifier } = watched({}, own);
    await verifier.ready();
    await own.rotateKeys();
    const token = await own.accessToken();
    expect(await codeOf(verifier, token)).toBe('ERR_TOKEN_UNTRUSTED');
    pass(11);
    expect(await codeOf(verifier, token)).toBe('good');
  });

  it('because the issuer was away is not remembered', async () => {
    const own = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => own.stop());
    own.answerKeysWith({ status: 503 });
    const { verifier } = watched({}, own);
    const token = await own.accessToken();
    expect(await codeOf(verifier, token)).toBe('ERR_ISSUER_UNAVAILABLE');
    own.answerKeysWith(undefined);
    pass(3);
    expect(await codeOf(verifier, token)).toBe('good');
  });
});

describe('what a request is asked for itself', () => {
  it('is asked of a seen token too: its proof', async () => {
    const url = 'https://api.example';
    const replayStore = new MemoryStore();
    const { verifier } = watched({ dpop: { publicUrl: url, replayStore } });
    const client = await createDpopClient();
    const thief = await createDpopClient();
    const token = await issuer.accessToken({ cnf: { jkt: client.jkt } });
    const request = { scheme: 'dpop', token, method: 'GET', url: '/items' } as const;
    const proved = { method: 'GET', url: `${url}/items`, token };
    const fresh = (by = client): string => by.proof({ ...proved, iat: clock / 1000 });
    const ask = async (credential: Parameters<Verifier['verify']>[0]): Promise<Authentication> =>
      verifier.verify(credential);

    await expect(ask({ ...request, proof: fresh(thief) })).rejects.toMatchObject({
      error: 'invalid_dpop_proof',
    });
    expect(verifier.recall({ ...request, proof: fresh() })).toBeDefined(); // a wrong proof says nothing of the token
    const proof = fresh();
    expect(await ask({ ...request, proof })).toMatchObject({ subject: 'user|1' });
    for (const wrong of [proof, fresh(thief), client.proof({ ...proved, method: 'POST' }), '']) {
      await expect(ask({ ...request, proof: wrong })).rejects.toMatchObject({ error: 'invalid_dpop_proof' });
    }
    await expect(ask(request)).rejects.toMatchObject({ code: 'ERR_DPOP_PROOF_INVALID' });
    await expect(ask({ ...request, scheme: 'bearer' })).rejects.toMatchObject({
      code: 'ERR_BINDING_REFUSED',
    });
    expect(await ask({ ...request, proof: fresh() })).toMatchObject({ subject: 'user|1' });
  });

  it('is asked of a seen token too: its scheme', async () => {
    const { verifier, cached } = watched();
    const token = await issuer.accessToken();
    await cached(token);
    expect(() => verifier.verify({ scheme: 'dpop', token })).toThrow(
      expect.objectContaining({ code: 'ERR_BINDING_REFUSED' }),
    );
    expect(await cached(token)).toBe(true);
  });

  it('is asked of a seen token too: whether it was revoked', async () => {
    const denied = new Set<string>();
    const denyList: DenyList = {
      check: ({ subject }) => {
        if (denied.has(subject)) throw new Error('denied');
      },
      ready: async () => undefined,
      isReady: () => true,
      size: 0,
      close: () => undefined,
    };
    const { verifier, cached } = watched({ denyList });
    const token = await issuer.accessToken();
    await cached(token);
    expect(await cached(token)).toBe(true);
    denied.add('user|1');
    expect(() => verifier.verify({ scheme: 'bearer', token })).toThrow('denied');
    denied.clear();
    expect(await cached(token)).toBe(true);
  });
});

describe('junk', () => {
  it('neither takes the place of a good token nor is remembered', async () => {
    const { verifier, cached } = watched({ verdictCache: { maxEntries: 4 } });
    const good = [await issuer.accessToken(), await issuer.accessToken()];
    const kept = good.at(-1) ?? '';
    for (const token of good) await cached(token);
    const [header, payload] = kept.split('.');
    for (let number = 0; number < 5000; number++) {
      const signature = Buffer.alloc(64, String(number)).toString('base64url');
      const junk = `${header}.${payload}.${signature}`;
      if (number % 500 === 0) expect(await codeOf(verifier, junk)).toBe('ERR_SIGNATURE_INVALID');
      else verify(verifier, junk).catch(() => undefined);
      expect(verifier.recall({ scheme: 'bearer', token: junk })).toBeUndefined();
    }
    for (const token of good) expect(await cached(token)).toBe(true);
  });
});

describe('a verifier, looked at from outside', () => {
  const views: readonly [string, (value: unknown) => string][] = [
    ['JSON.stringify', (value) => JSON.stringify(value) ?? ''],
    [
      'util.inspect',
      (value) => inspect(value, { showHidden: true, depth: Infinity, getters: true, maxStringLength: null }),
    ],
    ['its own keys', (value) => JSON.stringify(Object.getOwnPropertyDescriptors(value))],
    ['structuredClone', (value) => inspect(structuredClone(value), { depth: Infinity })],
  ];

  it.each(views)('shows nothing of what it has seen: %s', async (_name, view) => {
    const secret = 'a secret of an API, long enough to be found';
    const replayStore = new MemoryStore();
    const verifier = createVerifier({
      issuer: issuer.issuer,
      audience: issuer.audience,
      tokenFormat: 'both',
      introspection: { authentication: { clientId: 'api', clientSecret: secret } },
      dpop: { publicUrl: 'https://api.example', replayStore, nonce: { secret } },
    });
    onTestFinished(() => verifier.close());
    const token = await issuer.accessToken({ sub: 'a subject that is nobody’s business' });
    await verify(verifier, token);
    const seen = view(verifier);
    for (const part of [...token.split('.'), token.slice(-32), 'nobody’s business', secret]) {
      expect(seen).not.toContain(part);
    }
    expect(view({ token })).toContain(token); // as it would be shown
  });
});
