import { z } from 'zod';
import { InputInvalid } from './input.pipe.ts';
import { text } from './text.ts';

const LONGEST_PAGE = 100;
const DEFAULT_PAGE = 50;
/** Auth0's too: an offset makes the database count through all that comes before. */
const LAST_BY_OFFSET = 1000;

const whole = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/, 'Not a whole number')
    .transform(Number)
    .pipe(z.number().min(from).max(to));

export const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

/** By offset (`page`, `per_page`) or, which goes on without an end, by checkpoint (`take`, `from`). */
export const pageQuery = z.strictObject({
  page: whole(0, 999_999).optional(),
  per_page: whole(1, LONGEST_PAGE).optional(),
  include_totals: flag.optional(),
  take: whole(1, LONGEST_PAGE).optional(),
  from: text(1024).optional(),
});

export type PageQuery = z.infer<typeof pageQuery>;

/** Rows in an order that stays. */
export interface Listed<Row> {
  /** @param after the place of the last row of the page before */
  read(window: {
    readonly limit: number;
    readonly offset: number;
    readonly after: string | undefined;
  }): Promise<readonly Row[]>;
  total(): Promise<number>;
  placeOf(row: Row): string;
  wire(rows: readonly Row[]): readonly object[] | Promise<readonly object[]>;
}

/** @throws InputInvalid for an offset page beyond the last that there is, and a checkpoint that is none */
export async function pageOf<Row>(query: PageQuery, plural: string, listed: Listed<Row>): Promise<object> {
  const { take, from } = query;
  return take === undefined && from === undefined
    ? byOffset(query, plural, listed)
    : byCheckpoint(query, plural, listed);
}

/** For the lists that Auth0 never answers with as a bare array. */
export async function byCheckpoint<Row>(
  { take = DEFAULT_PAGE, from, include_totals: totals }: PageQuery,
  plural: string,
  listed: Listed<Row>,
): Promise<object> {
  const rows = await listed.read({
    limit: take + 1,
    offset: 0,
    after: from === undefined ? undefined : placeIn(from),
  });
  const shown = rows.slice(0, take);
  const last = shown.at(-1);
  return {
    [plural]: await listed.wire(shown),
    ...(rows.length > take && last !== undefined ? { next: checkpointAt(listed.placeOf(last)) } : undefined),
    ...(totals ? { total: await listed.total() } : undefined),
  };
}

async function byOffset<Row>(query: PageQuery, plural: string, listed: Listed<Row>): Promise<object> {
  const { page = 0, per_page: limit = DEFAULT_PAGE, include_totals: totals } = query;
  const offset = page * limit;
  if (offset + limit > LAST_BY_OFFSET) {
    throw new InputInvalid(
      'query',
      `'You can only page through the first ${LAST_BY_OFFSET} records: use take and from'.`,
    );
  }
  const rows = await listed.wire(await listed.read({ limit, offset, after: undefined }));
  if (!totals) return rows;
  return { start: offset, limit, length: rows.length, total: await listed.total(), [plural]: rows };
}

function checkpointAt(place: string): string {
  return Buffer.from(place).toString('base64url');
}

function placeIn(checkpoint: string): string {
  const place = Buffer.from(checkpoint, 'base64url').toString();
  if (place === '' || place.includes('\0') || checkpointAt(place) !== checkpoint)
    throw new InputInvalid('query', "'Not a checkpoint' on property from.");
  return place;
}
