import type { Claims } from '../claims.ts';
import type { Header } from '../compact-jws.ts';
import type { Credential } from '../credential.ts';
import type { Settings } from '../settings.ts';

/** Throws a `HeaderRefused`, or lets the header pass. Runs before anything is believed. */
export type HeaderRule = (header: Header, settings: Settings) => void;

export interface Circumstances {
  readonly settings: Settings;
  readonly credential: Credential;
  /** Seconds since the epoch, read once for all rules. */
  readonly now: number;
}

/** Throws a `CredentialError`, or lets the claims pass. Runs on claims whose signature has verified. */
export type ClaimRule = (claims: Claims, circumstances: Circumstances) => void;
