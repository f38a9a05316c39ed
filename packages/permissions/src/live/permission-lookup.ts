import type { Authentication } from '@portcullis/tokens';
import type { ChangePosition } from '../feed/change-position.ts';

/** Whose permissions are asked for. */
export type LookedUp = Pick<Authentication, 'issuer' | 'subject' | 'client' | 'kind'>;

/** What somebody may do now, with where in the log of changes that was read. */
export interface LiveAnswer {
  /** The user's ∩ the client's; a machine's are its client's. Empty for somebody who is unknown, blocked or deleted. */
  readonly permissions: readonly string[];
  /** Before the permissions were read. Undefined where there is no log: such an answer is good for a time only. */
  readonly position?: ChangePosition;
}

/**
 * Asks what somebody may do at this API now. The port: the Management API implements it, Auth0's does, and so can a
 * query of your own database.
 *
 * @throws anything, when it cannot be told; an error's own number `retryAfter` is how many seconds to wait
 */
export type PermissionLookup = (who: LookedUp, signal: AbortSignal) => Promise<LiveAnswer>;
