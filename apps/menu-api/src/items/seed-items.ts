import type { NewItem } from './item.ts';
import { seeds } from './seeds.ts';

/** The seeds as items, their pictures under this API's own address. */
export function seedItems(publicUrl: string): readonly NewItem[] {
  return seeds.map(({ picture, ...seed }) => ({
    ...seed,
    image: new URL(`/images/${picture}`, publicUrl).href,
  }));
}
