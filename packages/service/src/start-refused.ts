/**
 * The process cannot start, and whoever started it can mend that. The message is the whole
 * story for a stranger: what is wrong, where, and what to try next. It is printed without a stack.
 */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
}
