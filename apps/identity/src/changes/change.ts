import type { RevokedBy } from '@portcullis/tokens';

/** Whose permissions may be others now. What is left out is not narrowed: `{}` touches everybody everywhere. */
export interface Touch {
  readonly resourceServerId?: string;
  readonly subject?: string;
  readonly clientId?: string;
}

/** What access tokens that are out already are denied by. */
export interface Denial {
  /** `key`: whatever the signing key of that `kid` has signed. */
  readonly by: RevokedBy;
  readonly value: string;
  /** Denies what was issued up to then. Left out: whenever it was issued. */
  readonly issuedUntil?: Date;
}

/** One thing that was done, for the audit and for those who have to follow it. */
export interface Change {
  /** Such as `role.permissions.add`. */
  readonly action: string;
  readonly target: { readonly kind: string; readonly id: string };
  /** As it was and as it is; no secret in either. */
  readonly before?: unknown;
  readonly after?: unknown;
  readonly touches?: readonly Touch[];
  readonly denies?: readonly Denial[];
}
