import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type { Algorithm } from '@portcullis/tokens';
import { signRaw } from './sign-raw.ts';
import { createTestKey, type TestKey } from './test-key.ts';

/** A client whose tokens are bound to its key (RFC 9449). */
export interface DpopClient {
  readonly key: TestKey;
  /** For a token bound to this client: `accessToken({ cnf: { jkt } })` (RFC 9449 6.1). */
  readonly jkt: string;
  /** A proof for one request (RFC 9449 4.2), valid but for what is spoiled. */
  proof(request: DpopRequest): string;
}

/** A request to prove, and what shall be wrong with its proof: a part set to undefined is left out. */
export interface DpopRequest {
  readonly method: string;
  /** Of the request, in full. `htu` has it without query and fragment. */
  readonly url: string;
  /** The access token that goes with the proof, for `ath`. Default: none, and no `ath`. */
  readonly token?: string | undefined;
  /** What the server demanded. Default: none. */
  readonly nonce?: string | undefined;
  /** Seconds since the epoch. Default: now. */
  readonly iat?: number | undefined;
  /** Default: a new one. */
  readonly jti?: string | undefined;
  /** Over all others. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Signs instead of the client's own key, which the header still names. */
  readonly signWith?: TestKey;
}

/** @param options.algorithm of the proofs; default `ES256` */
export async function createDpopClient(options: { algorithm?: Algorithm } = {}): Promise<DpopClient> {
  const key = await createTestKey(options.algorithm ?? 'ES256');
  const jwk = key.publicKey.export({ format: 'jwk' });
  const jkt = await calculateJwkThumbprint(key.publicJwk);
  return {
    key,
    jkt,
    proof: ({ method, url, token, claims, header, signWith = key, ...parts }) =>
      signRaw(
        JSON.stringify({ typ: 'dpop+jwt', alg: key.algorithm, jwk, ...header }),
        JSON.stringify({
          jti: randomUUID(),
          htm: method,
          htu: url.replace(/[?#].*$/s, ''),
          iat: Math.floor(Date.now() / 1000),
          ath: token === undefined ? undefined : createHash('sha256').update(token).digest('base64url'),
          ...parts,
          ...claims,
        }),
        signWith,
      ),
  };
}
