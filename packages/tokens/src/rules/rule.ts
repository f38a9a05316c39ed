import type { Claims } from '../claims.ts';
import type { Header } from '../compact-jws.ts';
import type { IssuerSettings } from '../issuers/issuer-settings.ts';

/** Throws a `CredentialError`, or lets the header pass. Runs before anything is believed. */
export type HeaderRule = (header: Header) => void;

/** The same, for what depends on whose token it claims to be. */
export type IssuerHeaderRule = (header: Header, settings: IssuerSettings) => void;

export interface Circumstances {
  readonly settings: IssuerSettings;
  /** Seconds since the epoch, read once for all rules. */
  readonly now: number;
}

/** Throws a `CredentialError`, or lets the claims pass. Runs on claims that their issuer has vouched for. */
export type ClaimRule = (claims: Claims, circumstances: Circumstances) => void;
