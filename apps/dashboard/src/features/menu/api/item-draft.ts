import { centsFromDollars, dollarsFromCents, MAX_CENTS } from '../../../shared/money.ts';
import { z } from '../../../shared/schema.ts';
import type { Item, NewItem } from './item.ts';

/** The form's fields as typed. */
export const ItemDraft = z.object({
  name: z.string(),
  price: z.string(),
  tagline: z.string(),
  description: z.string(),
  image: z.string(),
  calories: z.string(),
  category: z.string(),
});

export type ItemDraft = z.infer<typeof ItemDraft>;
export type ItemField = keyof ItemDraft;
export type FieldErrors = Readonly<Partial<Record<ItemField, string>>>;

/** In the order in which the form shows them. */
export const ITEM_FIELDS = [
  'name',
  'price',
  'tagline',
  'description',
  'image',
  'calories',
  'category',
] as const satisfies readonly ItemField[];

export const EMPTY_DRAFT: ItemDraft = {
  name: '',
  price: '',
  tagline: '',
  description: '',
  image: '',
  calories: '',
  category: '',
};

/** What the form for a new dish begins with; its picture is one of those that the API serves. */
export function sampleDraft(apiUrl: string): ItemDraft {
  return {
    name: 'Spring Salad',
    price: '8.50',
    tagline: 'The first green of the year',
    description:
      'Butter lettuce, sugar snaps, radish and pea shoots from the morning market, with soft herbs and a lemon dressing.',
    image: `${apiUrl}/images/7-layer-salad.svg`,
    calories: '240',
    category: 'lunch',
  };
}

export function draftOf(item: Item): ItemDraft {
  return {
    name: item.name,
    price: dollarsFromCents(item.price),
    tagline: item.tagline,
    description: item.description,
    image: item.image,
    calories: item.calories === undefined || item.calories === null ? '' : String(item.calories),
    category: item.category,
  };
}

/** What is wrong with each field; empty when {@link itemOf} has an item. */
export function draftErrors(draft: ItemDraft): FieldErrors {
  const errors: Partial<Record<ItemField, string>> = {};
  for (const field of ITEM_FIELDS) {
    const error = RULES[field](draft[field].trim());
    if (error !== undefined) errors[field] = error;
  }
  return errors;
}

/** The item to send, with writable members only; undefined while something is wrong. */
export function itemOf(draft: ItemDraft): NewItem | undefined {
  const price = centsFromDollars(draft.price);
  if (price === undefined || Object.keys(draftErrors(draft)).length > 0) return undefined;
  const calories = draft.calories.trim();
  const category = draft.category.trim();
  return {
    name: draft.name.trim(),
    price,
    tagline: draft.tagline.trim(),
    description: draft.description.trim(),
    image: draft.image.trim(),
    ...(calories === '' ? {} : { calories: Number(calories) }),
    ...(category === '' ? {} : { category }),
  };
}

const RULES: Readonly<Record<ItemField, (value: string) => string | undefined>> = {
  name: (value) => length(value, 1, 80, 'a name'),
  price: priceError,
  tagline: (value) => length(value, 0, 140, 'a tagline'),
  description: (value) => length(value, 1, 2000, 'a description'),
  image: imageError,
  calories: (value) => {
    if (value === '') return undefined;
    return /^\d{1,5}$/.test(value) && Number(value) <= 20_000
      ? undefined
      : 'A whole number from 0 to 20000, or nothing.';
  },
  category: (value) =>
    value === '' || (/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(value) && value.length <= 40)
      ? undefined
      : 'Small letters, digits and single hyphens, like "main-dishes"; at most 40.',
};

function length(value: string, least: number, most: number, noun: string): string | undefined {
  const characters = [...value].length;
  if (characters < least) return `Enter ${noun}.`;
  return characters > most ? `At most ${most} characters; this has ${characters}.` : undefined;
}

function priceError(value: string): string | undefined {
  if (value === '') return 'Enter a price.';
  const cents = centsFromDollars(value);
  if (cents === undefined) return 'Dollars with at most two decimals, like 8.50.';
  return cents > MAX_CENTS ? 'At most 100,000.00 dollars.' : undefined;
}

function imageError(value: string): string | undefined {
  if (value === '') return 'Enter the address of a picture.';
  const url = URL.parse(value);
  if (!url) return 'A whole address, like https://example.com/salad.webp.';
  if (url.username || url.password) return 'The address may hold no user or password.';
  if (url.protocol === 'https:') return undefined;
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return url.protocol === 'http:' && local ? undefined : 'The address must begin with https://.';
}
