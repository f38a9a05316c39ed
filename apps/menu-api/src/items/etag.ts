import { createHash } from 'node:crypto';
import type { Item } from './item.ts';
import type { ExpectedVersion } from './item-store.ts';

/** Strong: an item's representation changes only with its version, and ids are never used again. */
export function etagOf({ version }: Item): string {
  return `"${version}"`;
}

/** Strong, over the ids and versions that the list is made of. */
export function etagOfList(items: readonly Item[]): string {
  const digest = createHash('sha256');
  for (const { id, version } of items) digest.update(`${id} ${version}\n`);
  return `"${digest.digest('base64url').slice(0, 27)}"`;
}

const ENTITY_TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

/** The entity tags of an If-Match or If-None-Match header; undefined when it breaks the grammar. */
function entityTags(header: string): readonly string[] | undefined {
  const tags = header.split(',').map((tag) => tag.trim());
  return tags.every((tag) => ENTITY_TAG.test(tag)) ? tags : undefined;
}

/** RFC 9110, 13.1.2: weak comparison. */
export function notModified(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return (
    ifNoneMatch.trim() === '*' ||
    (entityTags(ifNoneMatch)?.some((tag) => tag.replace(/^W\//, '') === etag) ?? false)
  );
}

/**
 * The versions that If-Match accepts, by strong comparison (RFC 9110, 13.1.1): a weak tag or a tag that
 * is not ours matches none.
 *
 * @returns 'malformed' when the header breaks the grammar
 */
export function expectedVersion(ifMatch: string | undefined): ExpectedVersion | 'malformed' {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  const tags = entityTags(ifMatch);
  if (tags === undefined) return 'malformed';
  return tags.flatMap((tag) => {
    const version = /^"([1-9]\d{0,8})"$/.exec(tag)?.[1];
    return version === undefined ? [] : [Number(version)];
  });
}
