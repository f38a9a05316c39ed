import { describe, expect, it } from 'vitest';
import { returnPath } from '../src/shared/authentication/return-path.ts';

const ORIGIN = 'http://localhost:4040';

describe('where a sign-in returns to', () => {
  it.each(['/menu', '/menu/add', '/menu/a%2Fb/edit', '/menu?category=soups', '/how#steps'])(
    'keeps %j',
    (path) => {
      expect(returnPath(path, ORIGIN)).toBe(path);
    },
  );

  it.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    '/menu/..//evil.example',
    'javascript:alert(1)',
    'menu',
    '',
    undefined,
    null,
    7,
    { toString: () => '/menu' },
  ])('sends %j home', (wanted) => {
    expect(returnPath(wanted, ORIGIN)).toBe('/home');
  });
});
