import type { PermissionsUnknown } from './permissions-unknown.ts';

/**
 * Told what happens, for metrics and logs; nothing that it is handed holds a token or a secret. What it throws becomes
 * a process warning.
 */
export interface PermissionObserver {
  /** The change feed was read up to this number. */
  changesRead?(number: number): void;
  /** A reading of the change feed failed; after 30 s of that (by default) nobody is let in. */
  changesFailed?(error: Error): void;
  /** The effective permissions of one caller were asked for and came, in so many milliseconds. */
  lookedUp?(milliseconds: number): void;
  /** They were asked for and could not be had. */
  lookUpFailed?(error: Error): void;
  /** Somebody was decided on by what was known so many seconds ago, for that is what `whenUnknown: 'stale'` asks for. */
  decidedStale?(seconds: number): void;
  /** Somebody was answered 503. */
  unknown?(error: PermissionsUnknown): void;
}

/** One observer for all of them, with every event there, which cannot throw. */
export function carefulObserver(
  observers: PermissionObserver | readonly PermissionObserver[] = [],
): Required<PermissionObserver> {
  const all = [observers].flat();
  const told =
    <Given extends unknown[]>(tell: (one: PermissionObserver, ...given: Given) => void) =>
    (...given: Given): void => {
      for (const one of all) {
        try {
          tell(one, ...given);
        } catch (error) {
          const what = error instanceof Error ? error.message : typeof error;
          process.emitWarning(`an observer of permissions threw: ${what}`, { code: 'PORTCULLIS_OBSERVER' });
        }
      }
    };
  return {
    changesRead: told((one, number: number) => one.changesRead?.(number)),
    changesFailed: told((one, error: Error) => one.changesFailed?.(error)),
    lookedUp: told((one, milliseconds: number) => one.lookedUp?.(milliseconds)),
    lookUpFailed: told((one, error: Error) => one.lookUpFailed?.(error)),
    decidedStale: told((one, seconds: number) => one.decidedStale?.(seconds)),
    unknown: told((one, error: PermissionsUnknown) => one.unknown?.(error)),
  };
}
