import { z } from '../../../shared/schema.ts';

export const Item = z.object({
  id: z.string(),
  name: z.string(),
  /** Integer cents. */
  price: z.number(),
  tagline: z.string(),
  description: z.string(),
  image: z.string(),
  calories: z.optional(z.nullable(z.number())),
  category: z._default(z.string(), 'uncategorized'),
});

export type Item = z.infer<typeof Item>;

/** What a client may write. */
export interface NewItem {
  readonly name: string;
  readonly price: number;
  readonly tagline: string;
  readonly description: string;
  readonly image: string;
  readonly calories?: number;
  readonly category?: string;
}

/** An item and the version of it that was read, for `If-Match`. */
export interface ReadItem {
  readonly item: Item;
  readonly etag: string | undefined;
}
