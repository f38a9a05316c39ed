import type { Authentication } from './authentication.ts';
import type { IssuerUnavailable, VerificationError } from './errors.ts';
import { quiet } from './quiet.ts';

/**
 * Told what happens, for metrics and logs. Nothing that it is handed holds a token. What it throws, or rejects with
 * when it is asynchronous, becomes a process warning and changes no verdict.
 */
export interface Observer {
  /**
   * A credential was good. `cached`: its signature had been verified, or it had been introspected, before. Otherwise
   * it took so many milliseconds, any waiting for keys, introspection and stores included.
   */
  verified?(authentication: Authentication, cached: boolean, milliseconds: number | undefined): void;
  /** A credential was not good, or nothing could be said about it; `error.code` is the reason. */
  refused?(error: VerificationError): void;
  /** An issuer's key set was loaded: how many keys of it are usable, and in how many milliseconds. */
  keysLoaded?(issuer: string, keys: number, milliseconds: number): void;
  /** A load of an issuer's key set failed, with the reason in words. */
  keysFailed?(error: IssuerUnavailable, issuer: string): void;
  /** An introspection endpoint was asked: whether the token is active, and in how many milliseconds. */
  introspected?(issuer: string, active: boolean, milliseconds: number): void;
}

/** One observer for all of them, with every event there, which cannot throw. */
export function careful(observers: readonly Observer[]): Required<Observer> {
  return {
    verified: told(observers.flatMap((one) => one.verified?.bind(one) ?? [])),
    refused: told(observers.flatMap((one) => one.refused?.bind(one) ?? [])),
    keysLoaded: told(observers.flatMap((one) => one.keysLoaded?.bind(one) ?? [])),
    keysFailed: told(observers.flatMap((one) => one.keysFailed?.bind(one) ?? [])),
    introspected: told(observers.flatMap((one) => one.introspected?.bind(one) ?? [])),
  };
}

function told<Given extends unknown[]>(
  events: readonly ((...given: Given) => unknown)[],
): (...given: Given) => void {
  return quiet('an observer of a verifier', events);
}
