import type { Authentication } from './authentication.ts';
import type { IssuerUnavailable, VerificationError } from './errors.ts';

/**
 * Told what happens, for metrics and logs. Nothing that it is handed holds a token. What it throws becomes a
 * process warning and changes no verdict.
 */
export interface Observer {
  /** A credential was good. `cached`: its signature had been verified before. */
  verified?(authentication: Authentication, cached: boolean): void;
  /** A credential was not good, or nothing could be said about it; `error.code` is the reason. */
  refused?(error: VerificationError): void;
  /** An issuer's key set was loaded: how many keys of it are usable, and in how many milliseconds. */
  keysLoaded?(issuer: string, keys: number, milliseconds: number): void;
  /** A load of a key set failed, with the reason in words. */
  keysFailed?(error: IssuerUnavailable): void;
  /** An introspection endpoint was asked: whether the token is active, and in how many milliseconds. */
  introspected?(issuer: string, active: boolean, milliseconds: number): void;
}
