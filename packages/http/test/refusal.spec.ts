import { createRefusals, type Refusal } from '@portcullis/http';
import { IssuerUnavailable, TokenExpired, TokenUntrusted } from '@portcullis/tokens';
import { describe, expect, it } from 'vitest';
import { parseChallenge } from './challenge.ts';

const refusals = createRefusals('https://api.example');
const realm = 'https://api.example';

const table: readonly [string, Refusal, number, Record<string, string> | undefined, string][] = [
  [
    'a broken request',
    refusals.malformedRequest('why'),
    400,
    { realm, error: 'invalid_request', error_description: 'why' },
    'ERR_CREDENTIAL_REQUEST',
  ],
  ['no credential', refusals.noCredential(), 401, { realm }, 'ERR_NO_CREDENTIAL'],
  [
    'a bad credential',
    refusals.badCredential(new TokenExpired()),
    401,
    { realm, error: 'invalid_token', error_description: "the access token is past its 'exp' claim" },
    'ERR_TOKEN_EXPIRED',
  ],
  [
    'an issuer out of reach',
    refusals.unavailable(new IssuerUnavailable('secret detail', 7)),
    503,
    undefined,
    'ERR_ISSUER_UNAVAILABLE',
  ],
  [
    'the wrong kind',
    refusals.wrongKind(['user']),
    403,
    { realm, error: 'insufficient_scope' },
    'ERR_CALLER_KIND',
  ],
  [
    'a missing permission',
    refusals.insufficientPermissions({ missing: ['a:b'], missingAny: [], scope: [] }),
    403,
    { realm, error: 'insufficient_scope' },
    'ERR_INSUFFICIENT_PERMISSIONS',
  ],
  [
    'a login too old',
    refusals.loginTooOld(60),
    401,
    {
      realm,
      error: 'insufficient_user_authentication',
      error_description: 'a more recent login is required',
      max_age: '60',
    },
    'ERR_LOGIN_TOO_OLD',
  ],
  ['no rule', refusals.noRule(), 403, undefined, 'ERR_NO_RULE'],
];

describe.each(table)('the refusal for %s', (_name, refusal, status, challenge, code) => {
  it(`is ${status} and is never stored by a cache`, () => {
    expect(refusal.status).toBe(status);
    expect(refusal.headers['cache-control']).toBe('no-store');
  });

  it(challenge ? 'carries exactly one challenge' : 'carries no challenge', () => {
    const field = refusal.headers['www-authenticate'];
    expect(field === undefined ? undefined : parseChallenge(field)).toEqual(
      challenge && { scheme: 'Bearer', parameters: challenge },
    );
  });

  it('is a problem that says the same in every field', () => {
    const { problem } = refusal;
    expect(problem).toMatchObject({ type: 'about:blank', status, statusCode: status, code });
    expect(problem.message).toBe(problem.detail);
    expect(Object.keys(problem)).not.toContain('cause');
  });
});

describe('an issuer out of reach', () => {
  it('tells when to come back, and nothing of what went wrong inside', () => {
    const refusal = refusals.unavailable(new IssuerUnavailable('secret detail', 7));
    expect(refusal.headers['retry-after']).toBe('7');
    expect(JSON.stringify(refusal)).not.toContain('secret detail');
  });
});

describe('a challenge', () => {
  /** Numbers that look random and are the same in every run. */
  function* numbers(seed: number): Generator<number> {
    for (let state = seed; ; state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) yield state;
  }

  const dangerous = [
    '\r',
    '\n',
    '\r\nSet-Cookie: a=b',
    '"',
    '\\',
    '\\"',
    '", error="none',
    ',',
    '=',
    '\0',
    '\t',
    '\x7f',
    '\x80',
    'é',
    '€',
    '\u2028',
    '😀',
    '\ud800',
    'a',
    ' ',
    'Bearer ',
  ];

  it('stays one challenge with one value a name, whatever the values hold', () => {
    const random = numbers(42);
    for (let run = 0; run < 2000; run++) {
      const length = random.next().value % 12;
      const value = Array.from({ length }, () => dangerous[random.next().value % dangerous.length]).join('');
      const refusal = createRefusals(value).badCredential(new TokenUntrusted(value));
      const field = refusal.headers['www-authenticate'] ?? '';
      expect(() => new Headers({ 'www-authenticate': field })).not.toThrow();
      const { scheme, parameters } = parseChallenge(field);
      expect(scheme).toBe('Bearer');
      expect(Object.keys(parameters)).toEqual(['realm', 'error', 'error_description']);
      expect(parameters['error']).toBe('invalid_token');
    }
  });

  it('leaves harmless values as they are', () => {
    const field = createRefusals('https://api.example/a,b=c').noCredential().headers['www-authenticate'];
    expect(parseChallenge(field).parameters).toEqual({ realm: 'https://api.example/a,b=c' });
  });
});
