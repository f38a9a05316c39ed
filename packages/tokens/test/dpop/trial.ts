import { createHash, randomUUID } from 'node:crypto';
import { createTestKey, signRaw, type TestKey } from '@portcullis/testing';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { Credential } from '../../src/credential.ts';
import { DpopCheck } from '../../src/dpop/dpop-check.ts';
import type { DpopOptions } from '../../src/dpop/dpop-options.ts';
import { MemoryStore } from './memory-store.ts';

export const token = 'an-access.token.of-Alice';

export interface Changes {
  readonly key?: TestKey;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

export interface Trial {
  readonly key: TestKey;
  readonly jkt: string;
  /** Seconds since the epoch; a test may move it. */
  readonly clock: { seconds: number };
  readonly store: MemoryStore;
  readonly dpop: DpopCheck;
  /** A good proof for `GET /items`, but for the changes; a member that is undefined is left out. */
  proof(changes?: Changes): string;
  /** Presents a proof with a good request for it, but for the changes. */
  check(proof: string | undefined, changes?: Partial<Credential>): Promise<void>;
}

export async function createTrial(
  options: Partial<DpopOptions> & { key?: TestKey; clockTolerance?: number } = {},
): Promise<Trial> {
  const { key = await createTestKey('ES256'), clockTolerance = 5, ...dpopOptions } = options;
  const clock = { seconds: 1_800_000_000 };
  const store = new MemoryStore();
  const dpop = new DpopCheck(
    { publicUrl: 'https://menu-api.example.com', replayStore: store, ...dpopOptions },
    { now: () => clock.seconds * 1000 },
    clockTolerance,
  );
  const jkt = await calculateJwkThumbprint(key.publicJwk);
  return {
    key,
    jkt,
    clock,
    store,
    dpop,
    proof: ({ key: signer = key, header, claims } = {}) =>
      signRaw(
        JSON.stringify({
          typ: 'dpop+jwt',
          alg: signer.algorithm,
          jwk: bare(signer.publicJwk),
          ...header,
        }),
        JSON.stringify({
          jti: randomUUID(),
          htm: 'GET',
          htu: 'https://menu-api.example.com/items',
          iat: clock.seconds,
          ath: createHash('sha256').update(token).digest('base64url'),
          ...claims,
        }),
        signer,
      ),
    check: (proof, changes = {}) =>
      dpop.check(
        {
          scheme: 'dpop',
          token,
          method: 'GET',
          url: '/items',
          ...(proof === undefined ? {} : { proof }),
          ...changes,
        },
        jkt,
      ),
  };
}

/** As clients send it: the key and nothing said about it. */
function bare({ kid: _kid, use: _use, alg: _alg, ...jwk }: JWK): JWK {
  return jwk;
}

export const invalid = { code: 'ERR_DPOP_PROOF_INVALID', error: 'invalid_dpop_proof' };
