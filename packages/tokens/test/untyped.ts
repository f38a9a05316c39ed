import type { VerifierOptions } from '@portcullis/tokens';

/** What a caller without types could pass. */
export function untyped(options: Readonly<Record<string, unknown>>): Partial<VerifierOptions> {
  const none: Partial<VerifierOptions> = {};
  return Object.assign(none, options);
}
