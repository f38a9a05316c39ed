import { constants, verify, type KeyObject, type VerifyKeyObjectInput } from 'node:crypto';
import { createVerifier as createFastVerifier } from 'fast-jwt';
import { importJWK, jwtVerify } from 'jose';
import { createVerifier, type Verifier } from '@portcullis/tokens';
import { OURS } from '../../../scripts/measure.ts';
import { received, type MintedToken, type Trial } from './trial.ts';

/** One way to tell whether a token is good; it throws, or rejects, when the token is not. */
export interface TokenVerifier {
  readonly name: string;
  readonly isPeer?: boolean;
  /** Forgets every token seen before. */
  renew?(): Promise<void>;
  readonly verify: (token: MintedToken) => unknown;
}

export interface OurVerifier extends TokenVerifier {
  renew(): Promise<void>;
  readonly verify: (token: MintedToken) => ReturnType<Verifier['verify']>;
  close(): void;
}

/** Not usable before its first renewal: each has a verifier of its own, with its keys fetched. */
export function ours({ issuer: { issuer, audience } }: Trial): OurVerifier {
  let verifier = createVerifier({ issuer, audience });
  return {
    name: OURS,
    async renew() {
      verifier.close();
      verifier = createVerifier({ issuer, audience });
      await verifier.ready();
    },
    verify: (token) => verifier.verify({ scheme: 'bearer', token: received(token) }),
    close: () => verifier.close(),
  };
}

export async function jose({ issuer: { issuer, audience }, algorithm, key }: Trial): Promise<TokenVerifier> {
  const imported = await importJWK(key.publicJwk, algorithm);
  const options = { issuer, audience, algorithms: [algorithm] };
  return {
    name: 'jose',
    isPeer: true,
    verify: (token) => jwtVerify(received(token), imported, options),
  };
}

/** @param cache the number of tokens that it may keep */
export function fastJwt(
  { issuer: { issuer, audience }, algorithm, key }: Trial,
  cache?: number,
): TokenVerifier {
  const check = createFastVerifier({
    key: key.publicKey.export({ type: 'spki', format: 'pem' }),
    algorithms: [algorithm],
    allowedIss: issuer,
    allowedAud: audience,
    cache: cache ?? false,
  });
  return {
    name: cache === undefined ? 'fast-jwt' : 'fast-jwt, cache',
    isPeer: true,
    verify: (token): unknown => check(received(token)),
  };
}

export const BARE = 'crypto.verify';

/** The signature and nothing else, in the cheapest form of call: nothing is parsed or decoded. */
export function bare(trial: Trial): TokenVerifier {
  const [digest, key] = [digestOf(trial), bareKey(trial)];
  return {
    name: BARE,
    verify: ({ signingInput, nativeSignature }) => must(verify(digest, signingInput, key, nativeSignature)),
  };
}

/** The same with the signature as a JWT has it. */
export function bareP1363(trial: Trial): TokenVerifier {
  const digest = digestOf(trial);
  const key: VerifyKeyObjectInput = { key: trial.key.publicKey, dsaEncoding: 'ieee-p1363' };
  return {
    name: `${BARE}, P1363`,
    verify: ({ signingInput, signature }) => must(verify(digest, signingInput, key, signature)),
  };
}

/** The same on the thread pool. */
export function pooled(trial: Trial): TokenVerifier {
  const [digest, key] = [digestOf(trial), bareKey(trial)];
  return {
    name: `${BARE}, pooled`,
    verify: ({ signingInput, nativeSignature }) =>
      new Promise<void>((resolve, reject) => {
        verify(digest, signingInput, key, nativeSignature, (error, good) =>
          error === null && good ? resolve() : reject(error ?? new Error('a good signature was refused')),
        );
      }),
  };
}

function digestOf({ algorithm }: Trial): string | undefined {
  return algorithm === 'EdDSA' ? undefined : 'sha256';
}

function bareKey({ algorithm, key: { publicKey: key } }: Trial): KeyObject | VerifyKeyObjectInput {
  return algorithm === 'PS256'
    ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : key;
}

function must(good: boolean): void {
  if (!good) throw new Error('a good signature was refused');
}
