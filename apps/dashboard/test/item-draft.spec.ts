import { describe, expect, it } from 'vitest';
import {
  draftErrors,
  draftOf,
  EMPTY_DRAFT,
  itemOf,
  sampleDraft,
} from '../src/features/menu/api/item-draft.ts';
import { fieldErrorsIn } from '../src/features/menu/api/field-errors.ts';
import type { Item } from '../src/features/menu/api/item.ts';

const SAMPLE_DRAFT = sampleDraft('http://localhost:7000');

const BURGER: Item = {
  id: 'a',
  name: 'Burger',
  price: 599,
  tagline: '',
  description: 'Bun, patty, pickle.',
  image: 'http://localhost:7000/images/burger.webp',
  calories: null,
  category: 'lunch',
};

describe('the form of a dish', () => {
  it('opens valid with its sample', () => {
    expect(draftErrors(SAMPLE_DRAFT)).toEqual({});
    expect(itemOf(SAMPLE_DRAFT)).toMatchObject({ name: 'Spring Salad', price: 850, calories: 240 });
  });

  it('opens valid with a stored dish, and sends what is writable and nothing else', () => {
    expect(draftErrors(draftOf(BURGER))).toEqual({});
    expect(itemOf(draftOf(BURGER))).toEqual({
      name: 'Burger',
      price: 599,
      tagline: '',
      description: 'Bun, patty, pickle.',
      image: 'http://localhost:7000/images/burger.webp',
      category: 'lunch',
    });
  });

  it('says of an empty form what is needed, and has nothing to send', () => {
    expect(Object.keys(draftErrors(EMPTY_DRAFT)).toSorted()).toEqual([
      'description',
      'image',
      'name',
      'price',
    ]);
    expect(itemOf(EMPTY_DRAFT)).toBeUndefined();
  });

  it.each([
    ['name', 'Café'],
    ['name', '7-Up'],
    ['name', '麻婆豆腐'],
    ['name', '🍜'.repeat(80)],
    ['image', 'https://kitchen.restaurant/soup.webp?w=900&q=80'],
    ['image', 'http://[::1]:7000/a'],
    ['calories', '20000'],
    ['category', 'main-dishes'],
    ['tagline', ''],
  ] as const)('takes %s %j', (field, value) => {
    expect(draftErrors({ ...SAMPLE_DRAFT, [field]: value })).toEqual({});
  });

  it.each([
    ['name', '   '],
    ['name', 'x'.repeat(81)],
    ['price', '850000.00'],
    ['price', '1.234'],
    ['tagline', 'x'.repeat(141)],
    ['description', 'x'.repeat(2001)],
    ['image', 'javascript:alert(1)'],
    ['image', 'data:image/png;base64,AA'],
    ['image', 'http://example.com/a.png'],
    ['image', 'https://me:pass@example.com/a.png'],
    ['image', '/a.png'],
    ['calories', '20001'],
    ['calories', '1.5'],
    ['calories', '-1'],
    ['category', 'Main Dishes'],
    ['category', 'x'.repeat(41)],
  ] as const)('refuses %s %j beside the field', (field, value) => {
    const draft = { ...SAMPLE_DRAFT, [field]: value };
    expect(Object.keys(draftErrors(draft))).toEqual([field]);
    expect(itemOf(draft)).toBeUndefined();
  });

  it('puts the complaints of the API beside their fields, and keeps the others', () => {
    const errors = [
      { pointer: '/price', message: 'too big' },
      { pointer: '#/name', message: 'too long' },
      { pointer: '', message: 'not an object' },
      { pointer: '/__proto__', message: 'unknown' },
    ];
    expect(fieldErrorsIn({ errors })).toEqual({
      fields: { price: 'too big', name: 'too long' },
      rest: ['not an object', 'unknown'],
    });
  });
});
