import { describe, expect, it } from 'vitest';
import { generatePassword, hashPassword, verifyPassword } from '../src/people/password.ts';
import { passwordObjection } from '../src/people/password-policy.ts';

const GUEST = {
  email: 'maria.keller@example.com',
  name: 'Maria Keller',
  nickname: 'mia',
  administers: false,
};
const ADMIN = { ...GUEST, administers: true };

describe('a password', () => {
  it.each([
    ['8 characters', 'kfw7 xq!'],
    ['words with spaces', 'two soups and a spoon'],
    ['emoji', '🍲🥄🍷🧂🥖🧀🍇🫒'],
    ['another script', 'суп с клёцками'],
    ['256 characters', 'kx7!'.padEnd(256, 'pq9vzw3m5t')],
    ['one made here', generatePassword()],
  ])('may be %s', (_case, password) => {
    expect(passwordObjection(password, GUEST)).toBeUndefined();
  });

  it.each([
    ['7 characters', 'kfw7xq!', 'at least 8'],
    ['7 emoji, which are 14 of JavaScript’s units', '🍲🥄🍷🧂🥖🧀🍇', 'at least 8'],
    ['7 letters, each of two code points', 'e\u0301'.repeat(7), 'at least 8'],
    ['257 characters', 'kx7!'.padEnd(257, 'pq9vzw3m5t'), 'at most 256'],
    ['half a character', 'abcdefgh\ud800', 'half a character'],
    ['one of the commonest', 'password', 'too many people'],
    ['a common one in capitals', 'PassWord1', 'too many people'],
    ['a common one with a year', 'sunshine2024', 'too many people'],
    ['a common one twice', 'dragondragon', 'too many people'],
    ['digits in a row', '123456789012345', 'too many people'],
    ['one letter', 'aaaaaaaaaaaaaaaa', 'too many people'],
    ['the e-mail address', 'maria.keller@example.com', 'too close'],
    ['the name and a little more', 'MariaKeller!', 'too close'],
    ['the provider’s name', 'portcullis1', 'too close'],
  ])('may not be %s', (_case, password, objection) => {
    expect(passwordObjection(password, GUEST)).toContain(objection);
  });

  it('has 15 characters at least where the account may change what others are allowed to do', () => {
    expect(passwordObjection('kfw7 xq! bn2 z', ADMIN)).toContain('at least 15');
    expect(passwordObjection('kfw7 xq! bn2 zt', ADMIN)).toBeUndefined();
  });

  it('is refused when it is one of 3,000 that are tried first', () => {
    const asked = ['iloveyou', 'football1', 'qwertyuiop', 'baseball', 'trustno1', 'welcome1', 'letmein123'];
    for (const password of asked) expect(passwordObjection(password, GUEST)).toBeDefined();
  });
});

describe('a password that was hashed', () => {
  const LONG = 'x'.repeat(72);

  it('counts to its last character', async () => {
    const hashed = await hashPassword(`${LONG}a`);
    expect(await verifyPassword(hashed, `${LONG}a`)).toBe(true);
    expect(await verifyPassword(hashed, `${LONG}b`)).toBe(false);
    expect(await verifyPassword(hashed, LONG)).toBe(false);
  });

  it('is the same however an accent was typed, and not the same without it', async () => {
    const hashed = await hashPassword('cre\u0300me brule\u0301e');
    expect(await verifyPassword(hashed, 'crème brulée')).toBe(true);
    expect(await verifyPassword(hashed, 'creme brulee')).toBe(false);
  });

  it('is argon2id with at least 19 MiB and two passes', async () => {
    const [, kind, , cost = ''] = (await hashPassword('two soups')).split('$');
    const [memory = 0, passes = 0] = [...cost.matchAll(/[mt]=(\d+)/g)].map(([, value]) => Number(value));
    expect(kind).toBe('argon2id');
    expect(memory).toBeGreaterThanOrEqual(19 * 1024);
    expect(passes).toBeGreaterThanOrEqual(2);
  });
});
