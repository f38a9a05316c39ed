/**
 * What somebody may do cannot be told now: a 503-class answer, and never the caller's fault. The message is fit to be
 * sent; `hint` and `cause` are for the log of whoever runs the API. None carries a token or a secret.
 */
export class PermissionsUnknown extends Error {
  override readonly name = 'PermissionsUnknown';
  readonly code = 'ERR_PERMISSIONS_UNKNOWN';
  /** Seconds after which asking again may help: 1 to 60. */
  readonly retryAfter: number;
  /** What whoever runs the API may look at. */
  readonly hint: string | undefined;

  constructor(
    detail: { readonly retryAfter?: number; readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super('what this caller may do cannot be told now; try again later', { cause: detail.cause });
    this.retryAfter = Math.min(Math.max(1, Math.ceil(detail.retryAfter ?? 1)), 60);
    this.hint = detail.hint;
  }
}
