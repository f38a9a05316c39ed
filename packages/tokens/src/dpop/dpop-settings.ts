import type { Algorithm } from '../algorithm.ts';
import { algorithms, amount } from '../option-values.ts';
import type { DpopOptions } from './dpop-options.ts';
import { Nonces } from './nonces.ts';
import { PublicUrl } from './public-url.ts';
import type { ReplayStore } from './replay-store.ts';

const MIN_SECRET = 32; // bytes: as long as the hash (RFC 2104 3)

/** The options, checked once and completed. */
export interface DpopSettings {
  readonly publicUrl: PublicUrl;
  readonly replayStore: ReplayStore;
  readonly algorithms: ReadonlySet<Algorithm>;
  /** Seconds. */
  readonly proofLifetime: number;
  /** Undefined when none are demanded. */
  readonly nonces: Nonces | undefined;
  readonly required: boolean;
  /** Seconds. */
  readonly clockTolerance: number;
}

/** @throws TypeError naming the option that is absent or wrong */
export function dpopSettingsFrom(options: DpopOptions, clockTolerance: number): DpopSettings {
  if (typeof options !== 'object' || options === null) throw new TypeError('"dpop" must be an object');
  return {
    publicUrl: new PublicUrl('dpop.publicUrl', options.publicUrl),
    replayStore: replayStore(options.replayStore),
    algorithms: algorithms('dpop.algorithms', options.algorithms),
    proofLifetime: amount('dpop.proofLifetime', 'seconds', options.proofLifetime ?? 60, 1, 300),
    nonces: nonces(options.nonce),
    required: flag('dpop.required', options.required ?? false),
    clockTolerance,
  };
}

function replayStore(store: ReplayStore): ReplayStore {
  if (typeof store !== 'object' || store === null || typeof store.remember !== 'function')
    throw new TypeError('"dpop.replayStore" must have a function "remember"');
  return store;
}

function nonces(given: DpopOptions['nonce']): Nonces | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== 'object' || given === null) throw new TypeError('"dpop.nonce" must be an object');
  const { secret, lifetime = 300 } = given;
  const isSecret = typeof secret === 'string' || secret instanceof Uint8Array;
  if (!isSecret || Buffer.byteLength(secret) < MIN_SECRET)
    throw new TypeError(`"dpop.nonce.secret" must be at least ${MIN_SECRET} bytes`);
  return new Nonces(secret, amount('dpop.nonce.lifetime', 'seconds', lifetime, 1, 86_400));
}

function flag(option: string, value: boolean): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`"${option}" must be true or false`);
  return value;
}
