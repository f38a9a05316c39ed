import { z } from 'zod';
import { flag } from './page.ts';
import { text } from './text.ts';

/** Auth0's `fields` and `include_fields`. */
export const fieldsQuery = { fields: text(500).optional(), include_fields: flag.optional() };

interface Selection {
  readonly fields?: string | undefined;
  readonly include_fields?: boolean | undefined;
}

/** Only the named members, or all but those. */
export function selected(row: object, { fields, include_fields: include = true }: Selection): object {
  if (fields === undefined) return row;
  const named = new Set(fields.split(',').map((name) => name.trim()));
  return Object.fromEntries(Object.entries(row).filter(([name]) => named.has(name) === include));
}

export const fieldsOnly = z.strictObject(fieldsQuery);
