import { filter, fromEvent, map, type Observable } from 'rxjs';

const KEY = 'wab-dashboard.signed-in';

/**
 * Whether someone is signed in on this browser: a word, never a token. A reload asks the issuer
 * silently only when it says so, and the other tabs follow when it changes.
 */
export const sessionHint = {
  get: (): boolean => localStorage.getItem(KEY) === 'yes',
  set: (): void => localStorage.setItem(KEY, 'yes'),
  clear: (): void => localStorage.removeItem(KEY),
};

/** True when another tab signed in, false when it signed out. */
export const sessionHintOfOtherTabs: Observable<boolean> = fromEvent<StorageEvent>(window, 'storage').pipe(
  filter((event) => event.key === KEY || event.key === null),
  map((event) => event.newValue === 'yes'),
);
