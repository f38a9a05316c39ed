import {
  callerRule,
  optionalRule,
  protectExpress,
  protectFastify,
  publicRule,
  requireAnyPermission,
  requireAuthentication,
  requirePermissions,
  requireRecentLogin,
  type AccessRule,
} from '@portcullis/http';
import express from 'express';
import fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';

const trusted = { issuer: 'https://tenant.example/', audience: 'https://menu.example' };

/** As a program without types would write it. */
const unchecked = (demand: object): AccessRule => ({
  access: 'caller',
  kinds: ['user'],
  allOf: [],
  anyOf: [],
  maxLoginAge: undefined,
  ...demand,
});

const PERMISSIONS = "a rule asks for the names of one or more permissions, such as 'create:items'";
const KINDS = 'a rule is for callers of the kinds user and machine, of one or of both';
const LOGIN_AGE = 'a rule asks for a login within whole seconds above 0, such as 600';

const WRONG: readonly [string, object, string][] = [
  ['a permission without a name', { allOf: ['a:b', ' '] }, PERMISSIONS],
  ['a permission that is no text', { anyOf: [['a:b']] }, PERMISSIONS],
  ['permissions that are no list', { allOf: 'a:b' }, PERMISSIONS],
  ['permissions from a setting that is not there', { allOf: undefined }, PERMISSIONS],
  ['no kind', { kinds: [] }, KINDS],
  ['a kind nobody is', { kinds: ['user', 'admin'] }, KINDS],
  ['a login within no time', { maxLoginAge: 0 }, LOGIN_AGE],
  ['a login within half a second', { maxLoginAge: 0.5 }, LOGIN_AGE],
  ['a login within a text', { maxLoginAge: '600' }, LOGIN_AGE],
  [
    'a misspelt demand',
    { allof: ['a:b'] },
    'a rule is publicRule, optionalRule or what callerRule({ … }) makes',
  ],
];

describe.each(WRONG)('a rule with %s', (_case, demand, sentence) => {
  it('is refused where it is made', () => {
    expect(() => Reflect.apply(callerRule, undefined, [demand])).toThrow(sentence);
  });

  it('is refused by protectExpress, with the line it stands in', () => {
    const protect = () => protectExpress(express(), trusted, { 'GET /a': unchecked(demand) });
    expect(protect).toThrow(`"GET /a": ${sentence}`);
  });

  it('is refused by protectFastify, with the line it stands in', async () => {
    const app = fastify();
    onTestFinished(() => app.close());
    expect(() => protectFastify(app, trusted, { 'GET /a': unchecked(demand) })).toThrow(
      `"GET /a": ${sentence}`,
    );
  });
});

describe('a rule', () => {
  it('is refused where it asks for permissions and names none', () => {
    expect(() => callerRule({ allOf: [] })).toThrow(PERMISSIONS);
    expect(() => callerRule({ anyOf: [] })).toThrow(PERMISSIONS);
  });

  it.each([{}, { access: 'publik' }, { access: undefined }])('is refused where it is none: %j', (access) => {
    const rule = access as AccessRule;
    expect(() => protectExpress(express(), trusted, { 'GET /a': rule })).toThrow(
      '"GET /a": a rule is publicRule',
    );
  });

  it('that was written out by hand is taken', () => {
    const rules = {
      'GET /a': unchecked({ allOf: ['a:b'], maxLoginAge: 600 }),
      'GET /b': unchecked({ kinds: ['machine'] }),
      'GET /c': publicRule,
      'GET /d': optionalRule,
      'GET /e': callerRule({}),
    };
    expect(() => protectExpress(express(), trusted, rules)).not.toThrow();
  });
});

describe('a middleware', () => {
  it.each<[string, () => unknown, string]>([
    ['requirePermissions', () => Reflect.apply(requirePermissions, undefined, []), PERMISSIONS],
    ['requireAnyPermission', () => requireAnyPermission(' '), PERMISSIONS],
    ['requireAuthentication', () => requireAuthentication({ kind: [] }), KINDS],
    ['requireRecentLogin', () => requireRecentLogin(0), LOGIN_AGE],
  ])('says the same: %s', (_name, make, sentence) => {
    expect(make).toThrow(sentence);
  });
});
