import type { ChangeFeed } from '../feed/change-feed.ts';
import type { PermissionSource } from '../permission-source.ts';
import type { TokenPermissionsOptions } from '../token-permissions.ts';
import { LiveSource, type WhenUnknown } from './live-source.ts';
import type { PermissionLookup } from './permission-lookup.ts';

export type LiveOptions = TokenPermissionsOptions &
  WhenUnknown &
  (
    | {
        /** Asks our own provider, and remembers each answer until a change touches it. */
        readonly feed: ChangeFeed;
        readonly lookup?: never;
        readonly audience?: never;
        readonly issuer?: never;
        readonly maxAge?: never;
      }
    | {
        readonly feed?: never;
        /** Asks somebody else: `auth0Lookup()`, or a query of your own. */
        readonly lookup: PermissionLookup;
        /** This API's identifier. */
        readonly audience: string;
        /** Whose tokens these are; of another issuer's, nothing is granted. Default: of every issuer that is trusted. */
        readonly issuer?: string;
        /** Seconds that an answer is good for: so long a permission that was taken away goes on. Default 60, 0 to 3600. */
        readonly maxAge?: number;
      }
  );

/** Permissions that are looked up. */
export interface LivePermissions extends PermissionSource {
  /** Forgets every answer, those under way too: to be called when something changed. */
  forget(): void;
}

/**
 * Freshness `live`: what holds now, asked for each caller and remembered, ∩ the token's ceiling. The ceiling of a token
 * without a `permissions` claim is its scope; of one that has neither it is nothing.
 *
 * @throws TypeError naming the option that is wrong
 */
export function live(options: LiveOptions): LivePermissions {
  const { feed, maxAge = 60 } = options;
  if (feed !== undefined) {
    const { lookup, issuer, audience } = feed;
    return new LiveSource({ ...options, feed, lookup, issuer, audience, maxAge: 0, trustsClaims: false });
  }
  const { lookup, issuer, audience } = options;
  if (typeof lookup !== 'function')
    throw new TypeError(
      '"feed" or "lookup" must be set: what changeFeed() makes, or a function that is asked',
    );
  return new LiveSource({
    ...options,
    feed: undefined,
    lookup,
    issuer,
    audience,
    maxAge,
    trustsClaims: false,
  });
}
