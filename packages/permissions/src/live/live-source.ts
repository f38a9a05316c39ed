import { FrozenSet, type Authentication } from '@portcullis/tokens';
import type { ChangeFeed } from '../feed/change-feed.ts';
import { readPosition } from '../feed/change-position.ts';
import { FrozenMap } from '../frozen-map.ts';
import { amount, text } from '../option-values.ts';
import { carefulObserver, type PermissionObserver } from '../permission-observer.ts';
import type { PermissionOrigin, PermissionSet } from '../permission-set.ts';
import type { PermissionSource } from '../permission-source.ts';
import { PermissionsUnknown } from '../permissions-unknown.ts';
import { issuedPermissions, type TokenPermissionsOptions } from '../token-permissions.ts';
import type { LiveSet } from './live-set.ts';
import { LiveSets } from './live-sets.ts';
import type { PermissionLookup } from './permission-lookup.ts';

/** What is done when it cannot be told what somebody may do now. */
export interface WhenUnknown {
  /**
   * `refuse`: 503 and `Retry-After`. `stale`: what was known last goes on to hold for `maxStale` more; what is known to
   * have been taken away does not. Default `refuse`.
   */
  readonly whenUnknown?: 'refuse' | 'stale';
  /** Seconds that `stale` lasts, counted from where `refuse` would begin. Default 300, 1 to 86,400. */
  readonly maxStale?: number;
  /** Callers whose answers are remembered, at most. Default 10,000, 2 to 10,000,000. */
  readonly maxEntries?: number;
  /** Told of look-ups, of what could not be told, and of who was decided by stale knowledge. */
  readonly observer?: PermissionObserver | readonly PermissionObserver[];
}

export interface LiveSourceParts extends WhenUnknown, TokenPermissionsOptions {
  readonly feed: ChangeFeed | undefined;
  readonly lookup: PermissionLookup;
  readonly issuer: string | undefined;
  readonly audience: string;
  /** Seconds, for answers that carry no number. */
  readonly maxAge: number;
  /** Whether a token whose claim no change has touched needs no look. */
  readonly trustsClaims: boolean;
}

interface Known {
  readonly revision: number;
  readonly live: LiveSet | undefined;
  readonly set: PermissionSet;
}

const FROM_SCOPE: readonly PermissionOrigin[] = Object.freeze(['scope']);

const NOBODY: PermissionSet = Object.freeze({
  names: new FrozenSet<string>(),
  sources: new FrozenMap<string, readonly PermissionOrigin[]>([]),
  withheld: new FrozenSet<string>(),
});

/** Effective permissions = what holds now ∩ what this very token was issued for. */
export class LiveSource implements PermissionSource {
  readonly #feed: ChangeFeed | undefined;
  readonly #issuer: string | undefined;
  readonly #trustsClaims: boolean;
  readonly #issued: (authentication: Authentication) => PermissionSet;
  readonly #claimsRoles: boolean;
  readonly #maxStale: number;
  readonly #sets: LiveSets;
  readonly #observer: Required<PermissionObserver>;
  readonly #known = new WeakMap<Authentication, Known>();

  /** @throws TypeError naming the option that is wrong */
  constructor(parts: LiveSourceParts) {
    const { feed, whenUnknown = 'refuse', maxStale = 300, maxEntries = 10_000 } = parts;
    if (whenUnknown !== 'refuse' && whenUnknown !== 'stale')
      throw new TypeError('"whenUnknown" must be "refuse" or "stale"');
    if (whenUnknown === 'refuse' && parts.maxStale !== undefined)
      throw new TypeError('"maxStale" goes with "whenUnknown: \'stale\'" alone');
    const stale = whenUnknown === 'stale' ? amount('maxStale', 'seconds', maxStale, 1, 86_400) : 0;
    this.#feed = feed;
    this.#issuer = parts.issuer;
    this.#trustsClaims = parts.trustsClaims;
    this.#maxStale = stale;
    this.#issued = issuedPermissions(parts);
    this.#claimsRoles = Object.keys(parts.roles ?? {}).length > 0;
    this.#observer = carefulObserver(parts.observer);
    this.#sets = new LiveSets({
      lookup: parts.lookup,
      audience: text('audience', parts.audience),
      feed,
      maxAge: amount('maxAge', 'seconds', parts.maxAge, 0, 3600) * 1000,
      maxStale: stale * 1000,
      maxEntries: amount('maxEntries', 'callers', maxEntries, 2, 10_000_000),
      observer: this.#observer,
    });
  }

  permissionsOf(authentication: Authentication): PermissionSet | Promise<PermissionSet> {
    if (this.#issuer !== undefined && authentication.issuer !== this.#issuer) return NOBODY;
    const revision = this.#freshRevision();
    // Issued for no permission that could be asked about.
    if (authentication.tokenKind === 'id_token') return this.#issued(authentication);
    const known = this.#known.get(authentication);
    if (this.#feed !== undefined && known?.revision === revision) return known.set;
    if (this.#trustsClaims && this.#isUntouched(authentication))
      return this.#keep(authentication, revision, undefined, known);
    try {
      const live = this.#sets.of(authentication);
      if (!(live instanceof Promise)) return this.#keep(authentication, revision, live, known);
      return live.then(
        (set) => this.#keep(authentication, revision, set, known),
        (error: unknown) => this.#unknown(error),
      );
    } catch (error) {
      return this.#unknown(error);
    }
  }

  forget(): void {
    this.#sets.forget();
  }

  /** @throws PermissionsUnknown when nothing was heard for too long, or nothing yet */
  #freshRevision(): number {
    const feed = this.#feed;
    if (feed === undefined) return 0;
    const age = feed.age();
    if (age <= feed.maxStaleness) return feed.revision;
    if (!feed.isReady() || age > feed.maxStaleness + this.#maxStale) {
      const hint = feed.isReady()
        ? `The change feed was last read ${Math.round(age)} s ago: look at what it tells its observer.`
        : 'The change feed was not read yet: look at what it tells its observer.';
      return this.#unknown(new PermissionsUnknown({ hint }));
    }
    this.#observer.decidedStale(age);
    return feed.revision;
  }

  #unknown(error: unknown): never {
    if (error instanceof PermissionsUnknown) this.#observer.unknown(error);
    throw error;
  }

  /** The claim was read at a number of this log, and no change since is about its holder. */
  #isUntouched({ subject, client, claims }: Authentication): boolean {
    const feed = this.#feed;
    const position = readPosition(claims['chg']);
    return (
      feed !== undefined &&
      position !== undefined &&
      position.incarnation === feed.position?.incarnation &&
      position.number >= feed.lastTouch(subject, client)
    );
  }

  #keep(
    authentication: Authentication,
    revision: number,
    live: LiveSet | undefined,
    before: Known | undefined,
  ): PermissionSet {
    // The same answer makes the same set, and with it the same Caller.
    const set =
      before !== undefined && before.live === live ? before.set : this.#effective(authentication, live);
    this.#known.set(authentication, { revision, live, set });
    return set;
  }

  /** No permission that was added later: for that a new token is needed, and would help. */
  #effective(authentication: Authentication, live: LiveSet | undefined): PermissionSet {
    const issued = this.#issuedFor(authentication);
    if (live === undefined) return issued;
    const sources = new FrozenMap(
      [...issued.sources]
        .filter(([name]) => live.names.has(name))
        .map(([name, origins]) => [name, Object.freeze([...origins, 'live' as const])] as const),
    );
    const withheld = new FrozenSet([...live.names].filter((name) => !sources.has(name)));
    return Object.freeze({ names: new FrozenSet(sources.keys()), sources, withheld });
  }

  /** The ceiling of the token: its claim, cut to its scope. Asked live, one without the claim has its scope. */
  #issuedFor(authentication: Authentication): PermissionSet {
    const { claimedPermissions, claimedRoles, scopes } = authentication;
    const claims = claimedPermissions !== undefined || (this.#claimsRoles && claimedRoles !== undefined);
    if (claims || this.#trustsClaims) return this.#issued(authentication);
    const sources = new FrozenMap([...(scopes ?? [])].map((name) => [name, FROM_SCOPE] as const));
    return Object.freeze({ names: new FrozenSet(sources.keys()), sources, withheld: NOBODY.withheld });
  }
}
