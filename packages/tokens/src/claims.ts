/** A token's payload. Rules read names that no prototype has; a name from elsewhere is looked for among own members. */
export type Claims = Readonly<Record<string, unknown>>;

/** The claim as text, or undefined. */
export function textClaim(claims: Claims, name: string): string | undefined {
  const claim = claims[name];
  return typeof claim === 'string' ? claim : undefined;
}

/** The first of these claims that is text, such as `client_id` (RFC 9068 2.2) and `azp`. */
export function firstTextClaim(claims: Claims, names: readonly string[]): string | undefined {
  for (const name of names) {
    const claim = claims[name];
    if (typeof claim === 'string') return claim;
  }
  return undefined;
}

/**
 * Whether somebody has put a member on the prototype of all objects, which every token would then seem to claim. To take
 * the prototype off each token's claims costs more than all rules together, so it is done only then; what is handed out
 * never has one.
 */
export function isPrototypeOfAllPolluted(): boolean {
  for (const _member in {}) return true;
  return false;
}

/** The same object, in which a name such as `constructor` finds nothing that was not sent. */
export function withoutPrototype<Value extends object>(value: Value): Value {
  if (!Array.isArray(value)) Object.setPrototypeOf(value, null);
  return value;
}

/** The same object, its own all the way down and frozen: fit to be handed out. Depth was bounded when it was read. */
export function sealed<Value extends object>(value: Value): Value {
  if (Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) sealed(member);
  }
  return Object.freeze(withoutPrototype(value));
}
