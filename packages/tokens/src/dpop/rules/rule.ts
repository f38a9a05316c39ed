import type { Claims } from '../../claims.ts';
import type { Header } from '../../compact-jws.ts';
import type { Credential } from '../../credential.ts';
import type { DpopSettings } from '../dpop-settings.ts';

/** Throws a `DpopProofInvalid`, or lets the header pass. Runs before anything is believed. */
export type ProofHeaderRule = (header: Header) => void;

export interface ProofCircumstances {
  readonly settings: DpopSettings;
  readonly credential: Credential;
  /** Seconds since the epoch, read once for all rules. */
  readonly now: number;
}

/** Throws, or lets the claims pass. Runs on claims that the token's own key has signed. */
export type ProofClaimRule = (claims: Claims, circumstances: ProofCircumstances) => void;
