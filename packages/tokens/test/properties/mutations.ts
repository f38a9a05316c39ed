import * as fc from 'fast-check';
import { CredentialError, type Verifier } from '@portcullis/tokens';

/** A small change of a text. May leave it as it was. */
type Change = (text: string) => string;

const BASE64URL = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
const character = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...BASE64URL) },
  { weight: 2, arbitrary: fc.constantFrom(...'=+/.,~% \t\r\n\0\u00a0\ufeff') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
);
const place = fc.nat({ max: 65_535 });
const at = (text: string, seed: number): number => seed % (text.length + 1);

const segments = (change: (parts: readonly string[]) => readonly string[]): Change => {
  return (text) => change(text.split('.')).join('.');
};

/** One character or bit, or one segment, is another, is gone, is twice or stands elsewhere. */
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(place, character).map(
    ([seed, c]): Change =>
      (text) =>
        text.slice(0, at(text, seed)) + c + text.slice(at(text, seed) + 1),
  ),
  fc.tuple(place, character).map(
    ([seed, c]): Change =>
      (text) =>
        text.slice(0, at(text, seed)) + c + text.slice(at(text, seed)),
  ),
  place.map(
    (seed): Change =>
      (text) =>
        text.slice(0, at(text, seed)) + text.slice(at(text, seed) + 1),
  ),
  fc.tuple(place, place).map(([from, to]): Change => (text) => {
    const [start, end] = [at(text, from), at(text, to)].toSorted((a, b) => a - b);
    return text.slice(0, start) + text.slice(end);
  }),
  fc
    .tuple(place, fc.nat({ max: 2 }), fc.nat({ max: 7 }))
    .map(([seed, part, bit]) =>
      segments((parts) => parts.map((p, i) => (i === part ? flipped(p, seed, bit) : p))),
    ),
  fc
    .tuple(fc.nat({ max: 2 }), fc.nat({ max: 2 }))
    .map(([a, b]) => segments((parts) => parts.map((p, i) => parts[i === a ? b : i === b ? a : i] ?? p))),
  fc.nat({ max: 2 }).map((part) => segments((parts) => parts.flatMap((p, i) => (i === part ? [p, p] : [p])))),
  fc.nat({ max: 2 }).map((part) => segments((parts) => parts.filter((_, i) => i !== part))),
  fc.nat({ max: 2 }).map((part) => segments((parts) => parts.map((p, i) => (i === part ? '' : p)))),
  fc.tuple(fc.constantFrom(' ', '\n', '\t', '.', '=', '\0'), fc.boolean()).map(
    ([c, end]): Change =>
      (text) =>
        end ? text + c : c + text,
  ),
);

function flipped(part: string, seed: number, bit: number): string {
  const bytes = Buffer.from(part, 'base64url');
  const index = seed % bytes.length;
  bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
  return bytes.toString('base64url');
}

/** However a good token is changed, it is refused, and in the one way that callers know. */
export function changedTokensAreRefused(
  verifier: Verifier,
  token: string,
): fc.IAsyncPropertyWithHooks<[Change[]]> {
  return fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
    const changed = changes.reduce((text, each) => each(text), token);
    fc.pre(changed !== token);
    try {
      await verifier.verify({ scheme: 'bearer', token: changed });
    } catch (error) {
      if (error instanceof CredentialError) return;
      throw error;
    }
    throw new Error(`accepted: ${JSON.stringify(changed)}`);
  });
}
