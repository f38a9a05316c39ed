import { expect, it } from 'vitest';
import { Interned } from '../src/interned.ts';

const made = (interned: Interned<object>, text: string): object => interned.of(text, () => ({ text }));

it('what is made of the same text is made once, and of another text never the same', () => {
  const interned = new Interned<object>();
  const first = made(interned, '["a b"]');
  expect(made(interned, '["a b"]')).toBe(first);
  expect(made(interned, '["a","b"]')).toEqual({ text: '["a","b"]' });
});

it('many different ones push each other out', () => {
  const interned = new Interned<object>();
  const first = made(interned, 'first');
  for (let number = 0; number < 256; number++) made(interned, `${number}`);
  expect(made(interned, 'first')).not.toBe(first);
});

it('what is long is made each time', () => {
  const interned = new Interned<object>();
  const long = 'x'.repeat(1025);
  expect(made(interned, long)).not.toBe(made(interned, long));
});
