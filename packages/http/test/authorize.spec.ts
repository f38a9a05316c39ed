import { authorize, callerRule, createRefusals, type Caller, type CallerRule } from '@portcullis/http';
import { describe, expect, it } from 'vitest';
import { caller } from './caller.ts';
import { parseChallenge } from './challenge.ts';

const refusals = createRefusals('https://api.example');
const NOW = 1060;

function decide(rule: Partial<Omit<CallerRule, 'access'>>, by: Caller | undefined) {
  const refusal = authorize(callerRule(rule), by, refusals, NOW);
  if (refusal === undefined) return 'passes';
  const { code } = refusal.problem;
  return `${refusal.status} ${String(code)}`;
}

const machine = caller({ kind: 'machine', subject: 'test-client' });
const powerless = caller({ permissions: new Set() });
const ALL = { kinds: ['user'], allOf: ['create:items'], maxLoginAge: 60 } as const;

describe('authorize', () => {
  it('lets pass who meets every line of the rule', () => {
    expect(decide(ALL, caller())).toBe('passes');
  });

  it('asks in this order: a credential, the kind, the permissions, the age of the login', () => {
    const wrongInAll = caller({ kind: 'machine', permissions: new Set(), authTime: undefined });
    expect(decide(ALL, undefined)).toBe('401 ERR_NO_CREDENTIAL');
    expect(decide(ALL, wrongInAll)).toBe('403 ERR_CALLER_KIND');
    expect(decide(ALL, { ...wrongInAll, kind: 'user' })).toBe('403 ERR_INSUFFICIENT_PERMISSIONS');
    expect(decide(ALL, caller({ authTime: undefined }))).toBe('401 ERR_LOGIN_TOO_OLD');
  });

  it.each<[string, Partial<Omit<CallerRule, 'access'>>, Caller, string]>([
    ['any caller, a user', {}, powerless, 'passes'],
    ['any caller, a machine', {}, machine, 'passes'],
    ['a user, a machine', { kinds: ['user'] }, machine, '403 ERR_CALLER_KIND'],
    ['a machine, a user', { kinds: ['machine'] }, caller(), '403 ERR_CALLER_KIND'],
    ['a permission, a machine that has it', { allOf: ['read:items'] }, machine, 'passes'],
    ['both, one who has both', { allOf: ['read:items', 'create:items'] }, caller(), 'passes'],
    [
      'both, one who has one',
      { allOf: ['read:items', 'drop:tables'] },
      caller(),
      '403 ERR_INSUFFICIENT_PERMISSIONS',
    ],
    ['either, one who has one', { anyOf: ['drop:tables', 'read:items'] }, caller(), 'passes'],
    [
      'either, one who has neither',
      { anyOf: ['drop:tables', 'drop:all'] },
      caller(),
      '403 ERR_INSUFFICIENT_PERMISSIONS',
    ],
    [
      'all of one list and any of another',
      { allOf: ['read:items'], anyOf: ['drop:tables'] },
      caller(),
      '403 ERR_INSUFFICIENT_PERMISSIONS',
    ],
    ['a prefix of a permission', { allOf: ['read'] }, caller(), '403 ERR_INSUFFICIENT_PERMISSIONS'],
    ['a name every object has', { allOf: ['constructor'] }, caller(), '403 ERR_INSUFFICIENT_PERMISSIONS'],
    [
      'what is withheld',
      { allOf: ['drop:tables'] },
      caller({ withheldPermissions: new Set(['drop:tables']) }),
      '403 ERR_INSUFFICIENT_PERMISSIONS',
    ],
  ])('for %s', (_case, rule, by, verdict) => {
    expect(decide(rule, by)).toBe(verdict);
  });
});

describe('step-up (RFC 9470)', () => {
  it.each<[string, number | undefined, string]>([
    ['exactly as old as allowed', NOW - 60, 'passes'],
    ['a second too old', NOW - 61, '401 ERR_LOGIN_TOO_OLD'],
    ['at this very second', NOW, 'passes'],
    ['a little ahead, by the clock of the issuer', NOW + 5, 'passes'],
    ['in the future', NOW + 6, '401 ERR_LOGIN_TOO_OLD'],
    ['far in the future', NOW * 1000, '401 ERR_LOGIN_TOO_OLD'],
    ['of unknown time', undefined, '401 ERR_LOGIN_TOO_OLD'],
    ['not a number', Number.NaN, '401 ERR_LOGIN_TOO_OLD'],
    ['at the epoch', 0, '401 ERR_LOGIN_TOO_OLD'],
  ])('judges a login %s', (_age, authTime, verdict) => {
    expect(decide({ maxLoginAge: 60 }, caller({ authTime }))).toBe(verdict);
  });

  it('answers a machine 403, which could only loop', () => {
    expect(decide({ maxLoginAge: 60 }, machine)).toBe('403 ERR_CALLER_KIND');
    expect(decide({ maxLoginAge: 60, allOf: ['read:items'] }, machine)).toBe('403 ERR_CALLER_KIND');
  });

  it('does not send a caller without the permission to log in again for nothing', () => {
    expect(decide({ maxLoginAge: 60, allOf: ['drop:tables'] }, caller({ authTime: undefined }))).toBe(
      '403 ERR_INSUFFICIENT_PERMISSIONS',
    );
  });
});

describe('scope in a challenge (RFC 6750, 3)', () => {
  const withheld = caller({ withheldPermissions: new Set(['update:items', 'delete:items']) });

  function challenged(rule: Partial<Omit<CallerRule, 'access'>>, by: Caller) {
    const refusal = authorize(callerRule(rule), by, refusals, NOW);
    return parseChallenge(refusal?.headers['www-authenticate']).parameters;
  }

  it('names what the user holds and the token was not issued for', () => {
    expect(challenged({ allOf: ['update:items'] }, withheld)).toEqual({
      realm: 'https://api.example',
      error: 'insufficient_scope',
      scope: 'update:items',
    });
  });

  it('names all that the route needs, so that a new token does not lose the old permission', () => {
    expect(challenged({ allOf: ['read:items', 'update:items'] }, withheld)['scope']).toBe(
      'read:items update:items',
    );
  });

  it('names one of several that would do', () => {
    expect(challenged({ anyOf: ['drop:tables', 'delete:items'] }, withheld)['scope']).toBe('delete:items');
    expect(challenged({ allOf: ['update:items'], anyOf: ['read:items'] }, withheld)['scope']).toBe(
      'update:items read:items',
    );
  });

  it.each<[string, Partial<Omit<CallerRule, 'access'>>]>([
    ['lacks it', { allOf: ['drop:tables'] }],
    ['lacks one of several', { allOf: ['update:items', 'drop:tables'] }],
    ['lacks each of several that would do', { anyOf: ['drop:tables', 'drop:all'] }],
    ['would still lack the other list', { allOf: ['update:items'], anyOf: ['drop:tables'] }],
    ['would still lack this list', { allOf: ['drop:tables'], anyOf: ['update:items'] }],
  ])('is left out when the user %s', (_case, rule) => {
    expect(challenged(rule, withheld)).toEqual({ realm: 'https://api.example', error: 'insufficient_scope' });
  });

  it('never keeps the problem from naming what is missing', () => {
    const refusal = authorize(callerRule({ allOf: ['read:items', 'drop:tables'] }), caller(), refusals, NOW);
    expect(refusal?.problem).toMatchObject({
      detail: 'this needs the permission drop:tables',
      missingPermissions: ['drop:tables'],
    });
    const either = authorize(callerRule({ anyOf: ['drop:tables', 'drop:all'] }), caller(), refusals, NOW);
    expect(either?.problem).toMatchObject({
      detail: 'this needs one of the permissions drop:tables, drop:all',
      missingPermissions: ['drop:tables', 'drop:all'],
    });
  });
});
