import type { Adapter, AdapterFactory } from 'oidc-provider';
import { describe, expect, it } from 'vitest';
import { Browser } from './browser.ts';
import { ADMIN } from './identity.ts';
import { authorization, authorize, codeFrom, exchange, logIn, refresh, type Tokens } from './login.ts';

const PARALLEL = 50;
const LATENCY = 15;

/** Every answer of the store comes late, so that all requests have read before any has written. */
export function slow(store: AdapterFactory): AdapterFactory {
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

/** @param nodes addresses of the nodes, the issuer's own first; requests go round them */
export function describeDoubleRedemption(nodes: () => readonly string[]): void {
  const issuer = () => nodes()[0] ?? '';
  const atOnce = async (send: (node: string) => Promise<Response>) => {
    const responses = await Promise.all(
      Array.from({ length: PARALLEL }, (_, index) => send(nodes()[index % nodes().length] ?? '')),
    );
    const bodies = await Promise.all(responses.map((one) => one.json() as Promise<Partial<Tokens>>));
    return { won: bodies.filter((body) => body.access_token !== undefined), responses };
  };

  describe.each([1, 2, 3])('on a slow store, round %i', () => {
    it('one authorization code redeemed 50 times at once gives tokens once, and those are good for nothing', async () => {
      const { url, verifier } = authorization(issuer());
      const code = codeFrom(await authorize(new Browser(issuer()), url, ADMIN));
      const { won, responses } = await atOnce((node) => exchange(node, code, verifier));
      expect(won).toHaveLength(1);
      expect(responses.filter(({ status }) => status === 403)).toHaveLength(PARALLEL - 1);
      expect((await refresh(issuer(), won[0]?.refresh_token ?? '')).status).toBe(403);
    });

    it('one refresh token used 50 times at once has one successor, and the family lives', async () => {
      const { tokens } = await logIn(issuer(), ADMIN);
      const { won } = await atOnce((node) => refresh(node, tokens.refresh_token ?? ''));
      expect(won).toHaveLength(PARALLEL);
      const successors = new Set(won.map((body) => body.refresh_token));
      expect(successors.size).toBe(1);
      for (const successor of successors) expect((await refresh(issuer(), successor ?? '')).status).toBe(200);
    });
  });
}
