import type { Algorithm } from '../algorithm.ts';
import type { Credential } from '../credential.ts';
import { DpopProofInvalid } from '../errors.ts';
import type { DpopOptions } from './dpop-options.ts';
import { dpopSettingsFrom, type DpopSettings } from './dpop-settings.ts';
import { KeyCache } from './key-cache.ts';
import { readProof } from './proof-jws.ts';
import { thumbprintOf } from './proof-key.ts';
import { alg } from './rules/alg.rule.ts';
import { ath } from './rules/ath.rule.ts';
import { crit } from './rules/crit.rule.ts';
import { encoding } from './rules/encoding.rule.ts';
import { htm } from './rules/htm.rule.ts';
import { htu } from './rules/htu.rule.ts';
import { iat } from './rules/iat.rule.ts';
import { jkt } from './rules/jkt.rule.ts';
import { jti } from './rules/jti.rule.ts';
import { jwk } from './rules/jwk.rule.ts';
import { nonce } from './rules/nonce.rule.ts';
import { otherKey } from './rules/other-key.rule.ts';
import type { ProofCircumstances, ProofClaimRule, ProofHeaderRule } from './rules/rule.ts';
import { typ } from './rules/typ.rule.ts';
import { UsedProofs } from './used-proofs.ts';
import { verifySignature } from '../signature.ts';

/** Nothing is imported or computed before these have passed. */
const headerRules: readonly ProofHeaderRule[] = [
  typ, //
  crit,
  encoding,
  otherKey,
];

/** Nothing of these is told to whoever cannot sign with the token's key. */
const claimRules: readonly ProofClaimRule[] = [
  htm,
  htu,
  iat,
  jti,
  ath,
  nonce, // last: a nonce is for whoever did all else right
];

interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Checks the proofs that go with tokens bound to a client's key (RFC 9449 4.3, 7.1). */
export class DpopCheck {
  /** Whether every token must be bound. */
  readonly required: boolean;
  readonly algorithms: readonly Algorithm[];
  readonly #settings: DpopSettings;
  readonly #clock: Clock;
  readonly #keys = new KeyCache();
  readonly #usedProofs: UsedProofs;

  /**
   * @param clockTolerance seconds by which clocks may differ
   * @throws TypeError naming the option that is absent or wrong
   */
  constructor(options: DpopOptions, clock: Clock, clockTolerance: number) {
    this.#settings = dpopSettingsFrom(options, clockTolerance);
    this.required = this.#settings.required;
    this.algorithms = [...this.#settings.algorithms];
    this.#clock = clock;
    this.#usedProofs = new UsedProofs(this.#settings.replayStore);
  }

  /** The nonce to offer now; undefined when none is demanded. */
  nonce(): string | undefined {
    return this.#settings.nonces?.current(this.#now());
  }

  /**
   * The whole order of checks: form → header → key → signature → claims → first use.
   *
   * @param bound the thumbprint that the token is bound to: its `jkt`
   * @throws DpopProofInvalid when the proof is absent, wrong or was used before
   * @throws DpopNonceRequired when it lacks a nonce of ours, or has an old one
   * @throws ReplayUnknown when the replay store cannot tell whether it was used before
   */
  async check(credential: Credential, bound: string): Promise<void> {
    const settings = this.#settings;
    const proof = readProof(credential.proof);
    for (const rule of headerRules) rule(proof.header);

    const key = jwk(proof.header);
    const algorithm = alg(proof.header, settings, key);
    const thumbprint = thumbprintOf(key);
    jkt(thumbprint, bound); // before the import: a stranger's key costs no time and takes no place in the cache

    const imported = this.#keys.get(thumbprint, key);
    if (imported === undefined)
      throw new DpopProofInvalid('has a "jwk" header that is no key, or a weak one');
    if (!(await verifySignature(algorithm, imported, proof, (good) => good)))
      throw new DpopProofInvalid('has a signature that does not verify');

    const circumstances: ProofCircumstances = { settings, credential, now: this.#now() };
    for (const rule of claimRules) rule(proof.claims, circumstances);

    // Tolerance once for the node that judges the proof's age, and once for the clock of the store.
    const age = settings.proofLifetime + 2 * settings.clockTolerance;
    await this.#usedProofs.use(thumbprint, jti(proof.claims), iat(proof.claims, circumstances) + age);
  }

  #now(): number {
    return this.#clock.now() / 1000;
  }
}
