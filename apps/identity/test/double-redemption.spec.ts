import type { Adapter, AdapterFactory } from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from './support/browser.ts';
import { ADMIN, startForTest } from './support/identity.ts';
import {
  authorization,
  authorize,
  codeFrom,
  exchange,
  logIn,
  refresh,
  type Tokens,
} from './support/login.ts';

const PARALLEL = 50;
const LATENCY = 15;

/** Every answer of the store comes late, so that all requests have read before any has written. */
function slow(store: AdapterFactory): AdapterFactory {
  return (model) => {
    const adapter = store(model);
    const late = async <Result>(method: () => Promise<Result>): Promise<Result> => {
      await new Promise((resolve) => setTimeout(resolve, LATENCY));
      const result = await method();
      await new Promise((resolve) => setTimeout(resolve, LATENCY));
      return result;
    };
    return {
      upsert: (id, payload, expiresIn) => late(() => adapter.upsert(id, payload, expiresIn)),
      find: (id) => late(() => adapter.find(id)),
      findByUid: (uid) => late(() => adapter.findByUid(uid)),
      findByUserCode: (userCode) => late(() => adapter.findByUserCode(userCode)),
      consume: (id) => late(() => adapter.consume(id)),
      destroy: (id) => late(() => adapter.destroy(id)),
      revokeByGrantId: (grantId) => late(() => adapter.revokeByGrantId(grantId)),
    } satisfies Adapter;
  };
}

let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;

beforeAll(async () => {
  identity = await startForTest({}, { adapter: slow });
  issuer = identity.url;
});
afterAll(() => identity.stop());

const statuses = async (send: () => Promise<Response>) => {
  const responses = await Promise.all(Array.from({ length: PARALLEL }, send));
  const bodies = await Promise.all(responses.map((one) => one.json() as Promise<Partial<Tokens>>));
  return { won: bodies.filter((body) => body.access_token !== undefined), responses };
};

describe.each([1, 2, 3])('on a slow store, round %i', () => {
  it('one authorization code redeemed 50 times at once gives tokens once', async () => {
    const { url, verifier } = authorization(issuer);
    const code = codeFrom(await authorize(new Browser(issuer), url, ADMIN));
    const { won, responses } = await statuses(() => exchange(issuer, code, verifier));
    expect(won).toHaveLength(1);
    expect(responses.filter(({ status }) => status === 403)).toHaveLength(PARALLEL - 1);
  });

  it('one refresh token used 50 times at once gives tokens once, and the family lives', async () => {
    const { tokens } = await logIn(issuer, ADMIN);
    const { won, responses } = await statuses(() => refresh(issuer, tokens.refresh_token ?? ''));
    expect(won).toHaveLength(1);
    expect(responses.filter(({ status }) => status === 403)).toHaveLength(PARALLEL - 1);
    const next = await refresh(issuer, won[0]?.refresh_token ?? '');
    expect(next.status).toBe(200);
  });
});
