/** A store cannot tell: it is full, out of reach, late, or answers what it should not. Never the caller's fault. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}
