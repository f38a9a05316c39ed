import type { ChangeFeed } from '../feed/change-feed.ts';
import type { PermissionSource } from '../permission-source.ts';
import type { TokenPermissionsOptions } from '../token-permissions.ts';
import { LiveSource, type WhenUnknown } from './live-source.ts';

export interface IntersectOptions extends TokenPermissionsOptions, WhenUnknown {
  /** Of the issuer whose tokens these are; of another issuer's, nothing is granted. */
  readonly feed: ChangeFeed;
}

/**
 * Freshness `intersect`: what the access token claims, cut to its ceiling, ∩ what holds now. A permission that is taken
 * away is gone as soon as the feed knows; one that is added comes with the next token.
 *
 * Nothing is asked per request: a token whose `chg` claim is not older than the last change about its holder is taken at
 * its word, and for any other the provider is asked once and the answer remembered until the next such change.
 *
 * @throws TypeError naming the option that is wrong
 */
export function intersect(options: IntersectOptions): PermissionSource {
  const { feed } = options;
  if (typeof feed?.lastTouch !== 'function')
    throw new TypeError(
      '"feed" must be what changeFeed() makes: without it nothing would tell that something changed',
    );
  const { lookup, issuer, audience } = feed;
  return new LiveSource({ ...options, lookup, issuer, audience, maxAge: 0, trustsClaims: true });
}
