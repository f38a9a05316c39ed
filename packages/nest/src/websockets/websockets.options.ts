import type { CallerNews } from './caller-news.ts';

export interface WebSocketsOptions {
  /**
   * Of the pages that may connect, each as browsers send it (`https://menu.example`), compared exactly. Default none: no
   * page may. Who sends no Origin is no browser, and may.
   */
  readonly origins?: readonly string[];
  /** Seconds within which a connection must have sent its credential. Default 10, 1 to 60. */
  readonly authenticationTimeout?: number;
  /** Whether a connection may stay without a credential, for handlers that are @Public. Default false. */
  readonly anonymous?: boolean;
  /** Has connections decided anew. What the deny-list learns has them anyway. Default none. */
  readonly news?: CallerNews | readonly CallerNews[];
}

/** The options with their defaults. */
export interface WebSocketsSettings {
  readonly origins: ReadonlySet<string>;
  /** Milliseconds. */
  readonly authenticationTimeout: number;
  readonly anonymous: boolean;
  readonly news: readonly CallerNews[];
}

export const WEBSOCKETS_SETTINGS = Symbol('portcullis:websockets-settings');

/** @throws TypeError naming the option that is wrong */
export function webSocketsSettings({
  origins = [],
  authenticationTimeout = 10,
  anonymous = false,
  news = [],
}: WebSocketsOptions): WebSocketsSettings {
  for (const origin of origins) {
    if (typeof origin !== 'string' || !URL.canParse(origin) || new URL(origin).origin !== origin)
      throw new TypeError(`"origins" has ${JSON.stringify(origin)}: write one like "https://menu.example"`);
  }
  if (!(authenticationTimeout >= 1 && authenticationTimeout <= 60))
    throw new TypeError('"authenticationTimeout" must be a number of seconds from 1 to 60');
  return {
    origins: new Set(origins),
    authenticationTimeout: authenticationTimeout * 1000,
    anonymous,
    news: [news].flat(),
  };
}
