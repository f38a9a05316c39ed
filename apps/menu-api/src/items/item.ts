import { z } from 'zod';

/** Characters as a reader counts them, not UTF-16 units. */
const characters = (value: string): number => Array.from(value).length;

/** Text of any script. Postgres cannot store NUL, and no other control character belongs in a menu. */
function text(least: number, most: number) {
  return z
    .string()
    .refine((value) => characters(value) <= most, `must have at most ${most} characters`)
    .refine(
      (value) => characters(value.replace(/[\p{Cf}\s]/gu, '')) >= least,
      `must have at least ${least} visible character`,
    )
    .refine((value) => value.isWellFormed(), 'must be well-formed Unicode')
    .refine((value) => !/[\p{Cc}--[\n\t]]/v.test(value), 'must not hold control characters');
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

function isPictureUrl(value: string): boolean {
  const url = /[\p{Cc}\p{White_Space}]/u.test(value) ? null : URL.parse(value);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
}

const integer = (most: number) =>
  z.int(`must be a whole number`).min(0, 'must not be negative').max(most, `must be at most ${most}`);

const DEFAULT_CATEGORY = 'uncategorized';

const fields = {
  name: text(1, 80),
  price: integer(10_000_000).describe('cents'),
  tagline: text(0, 140),
  description: text(1, 2000),
  image: z
    .string()
    .max(2048, 'must have at most 2048 characters')
    .refine(isPictureUrl, 'must be an https address (http for this machine alone)'),
  calories: integer(20_000),
  category: z
    .string()
    .max(40, 'must have at most 40 characters')
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be a slug: small letters, digits and hyphens'),
};

/** A category as it may be asked for. */
export const categorySchema = fields.category;

/** What a client gives for a whole item: POST and PUT. */
export const newItemSchema = z.strictObject({
  ...fields,
  calories: fields.calories.optional(),
  category: fields.category.default(DEFAULT_CATEGORY),
});

/** PUT also takes the `id` that its address already names; see `withoutId`. */
export const replacementSchema = newItemSchema.extend({ id: z.string().optional() });

/** A merge patch (RFC 7396): absent members stay, null removes what may be absent. */
export const itemPatchSchema = z.strictObject({
  id: z.string().optional(),
  name: fields.name.optional(),
  price: fields.price.optional(),
  tagline: fields.tagline.optional(),
  description: fields.description.optional(),
  image: fields.image.optional(),
  calories: fields.calories.nullable().optional(),
  category: fields.category.nullable().optional(),
});

export const itemSchema = z.object({
  id: z.string(),
  ...fields,
  calories: fields.calories.optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  version: z.int().min(1),
});

export type NewItem = z.output<typeof newItemSchema>;
export type Replacement = z.output<typeof replacementSchema>;
export type ItemPatch = z.output<typeof itemPatchSchema>;
export type Item = z.output<typeof itemSchema>;

/** The item's own fields after the patch. */
export function applyPatch(item: Item, patch: ItemPatch): NewItem {
  const calories = patch.calories === undefined ? item.calories : (patch.calories ?? undefined);
  return {
    name: patch.name ?? item.name,
    price: patch.price ?? item.price,
    tagline: patch.tagline ?? item.tagline,
    description: patch.description ?? item.description,
    image: patch.image ?? item.image,
    ...(calories === undefined ? {} : { calories }),
    category: patch.category === undefined ? item.category : (patch.category ?? DEFAULT_CATEGORY),
  };
}
