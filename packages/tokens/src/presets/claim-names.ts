import type { Claims } from '../claims.ts';
import { isRecord } from '../is-record.ts';
import type { ClaimPath } from './preset.ts';

/** Reads the names that stand at one place of the claims; undefined when nothing of that shape is there. */
export type NameReader = (claims: Claims) => readonly string[] | undefined;

/** @param audiences what `{audience}` stands for, each in turn */
export function nameReader({ pointer, as }: ClaimPath, audiences: readonly string[]): NameReader {
  const pointers = pointer.includes('{audience}')
    ? audiences.map((audience) => segments(pointer).map((one) => one.replace('{audience}', () => audience)))
    : [segments(pointer)];
  const read = shapes[as];
  const [only, ...more] = pointers;
  if (only !== undefined && more.length === 0) return (claims) => read(valueAt(claims, only));
  return (claims) => joined(pointers.map((one) => read(valueAt(claims, one))));
}

/** Names from several places are one list; none at all when nothing is anywhere. */
export function joined(found: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  const lists = found.filter((names) => names !== undefined);
  return lists.length > 1 ? lists.flat() : lists[0];
}

/** RFC 6901 3 and 4. */
function segments(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function valueAt(claims: Claims, path: readonly string[]): unknown {
  let value: unknown = claims;
  for (const segment of path) {
    if (!isRecord(value) || !Object.hasOwn(value, segment)) return undefined;
    value = value[segment];
  }
  return value;
}

const shapes: Readonly<Record<ClaimPath['as'], (value: unknown) => readonly string[] | undefined>> = {
  list: (value) => (isTexts(value) ? value : undefined),
  // RFC 6749 3.3: names parted by spaces
  words: (value) =>
    typeof value === 'string'
      ? value.split(' ').filter((word) => word !== '')
      : isTexts(value)
        ? value
        : undefined,
  keys: (value) => (isRecord(value) ? Object.keys(value) : undefined),
};

/** One member of another type, and the list is not one: a part of it must not count as the whole. */
function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((member) => typeof member === 'string');
}
