import { StartRefused } from '@portcullis/service';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../src/settings.ts';

const PORTCULLIS = { ISSUER_URL: 'https://login.example/', PROVIDER: 'portcullis' };
const AUTH0 = { ISSUER_URL: 'https://tenant.example/', PROVIDER: 'auth0' };
const CLIENT = { MANAGEMENT_CLIENT_ID: 'menu-api', MANAGEMENT_CLIENT_SECRET: 'a secret, with a comma' };
const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://menu.example',
  CLIENT_ORIGIN_URL: 'https://dashboard.example',
};

describe('where permissions come from', () => {
  it('is the token and what holds now at the embedded provider, whose secret is where it leaves it', () => {
    expect(readSettings({ DATA_DIR: '/data' }).permissions).toEqual([
      {
        issuer: 'http://localhost:4000/',
        from: 'intersect',
        provider: 'portcullis',
        managementApi: 'http://localhost:4000/api/v2/',
        clientId: 'wab-menu-api',
        clientSecret: { file: '/data/identity/wab-menu-api.secret' },
      },
    ]);
  });

  it('is the token alone for any other issuer, unless something else is said', () => {
    expect(readSettings(PORTCULLIS).permissions).toEqual([{ issuer: PORTCULLIS.ISSUER_URL, from: 'token' }]);
    expect(readSettings({ PERMISSIONS_FROM: 'token' }).permissions).toMatchObject([{ from: 'token' }]);
  });

  it.each<[string, Record<string, string>, object]>([
    [
      'our own provider elsewhere',
      { ...PORTCULLIS, ...CLIENT, PERMISSIONS_FROM: 'intersect' },
      { from: 'intersect', provider: 'portcullis', managementApi: 'https://login.example/api/v2/' },
    ],
    [
      'Auth0, asked',
      { ...AUTH0, ...CLIENT, PERMISSIONS_FROM: 'live' },
      { from: 'live', provider: 'auth0', managementApi: 'https://tenant.example/api/v2/' },
    ],
    [
      'a Management API at another address than the issuer',
      {
        ...AUTH0,
        ...CLIENT,
        PERMISSIONS_FROM: 'live',
        MANAGEMENT_API_URL: 'https://tenant.eu.auth0.example/api/v2/',
      },
      { managementApi: 'https://tenant.eu.auth0.example/api/v2/' },
    ],
  ])('may be %s', (_case, environment, expected) => {
    expect(readSettings(environment).permissions).toMatchObject([
      { ...expected, clientId: 'menu-api', clientSecret: { text: CLIENT.MANAGEMENT_CLIENT_SECRET } },
    ]);
  });

  it('is said of each issuer', () => {
    const { permissions } = readSettings({
      ISSUER_URL: 'https://login.example/,https://tenant.example/',
      PROVIDER: 'portcullis,auth0',
      PERMISSIONS_FROM: 'intersect,',
      MANAGEMENT_CLIENT_ID: 'menu-api,',
      MANAGEMENT_CLIENT_SECRET: 'a-secret,',
    });
    expect(permissions).toMatchObject([
      { from: 'intersect', clientSecret: { text: 'a-secret' } },
      { issuer: 'https://tenant.example/', from: 'token' },
    ]);
  });

  it.each<[string, Record<string, string>, string]>([
    ['another word', { PERMISSIONS_FROM: 'cache' }, 'PERMISSIONS_FROM: is neither token, intersect nor live'],
    [
      'one value for two issuers',
      { ISSUER_URL: 'https://login.example/,https://tenant.example/', PERMISSIONS_FROM: 'token' },
      'PERMISSIONS_FROM: has 1 value, and ISSUER_URL has 2 values',
    ],
    [
      'one Management API for two issuers',
      {
        ISSUER_URL: 'https://login.example/,https://tenant.example/',
        MANAGEMENT_API_URL: 'https://login.example/api/v2/',
      },
      'MANAGEMENT_API_URL: has 1 value, and ISSUER_URL has 2 values',
    ],
    [
      'a client without a use for it',
      { ...PORTCULLIS, ...CLIENT },
      'PERMISSIONS_FROM: is token, and MANAGEMENT_API_URL, MANAGEMENT_CLIENT_ID and _SECRET go with intersect or live alone',
    ],
    [
      'intersect with a provider that nobody can follow',
      {
        ISSUER_URL: 'https://keycloak.example/realms/a',
        PROVIDER: 'keycloak',
        PERMISSIONS_FROM: 'intersect',
      },
      'PERMISSIONS_FROM: is intersect, and PROVIDER=keycloak has nobody to ask',
    ],
    [
      'intersect with Auth0',
      { ...AUTH0, ...CLIENT, PERMISSIONS_FROM: 'intersect' },
      'PERMISSIONS_FROM: is intersect, and Auth0 tells nobody when permissions change',
    ],
    [
      'nobody to ask as',
      { ...PORTCULLIS, PERMISSIONS_FROM: 'live' },
      'MANAGEMENT_CLIENT_ID: is not set, and PERMISSIONS_FROM=live asks as that client',
    ],
    [
      'no secret',
      { ...PORTCULLIS, PERMISSIONS_FROM: 'intersect', MANAGEMENT_CLIENT_ID: 'menu-api' },
      'MANAGEMENT_CLIENT_SECRET: is not set',
    ],
    [
      'no secret in production, where there is no file of the embedded provider',
      { ...PRODUCTION, ...PORTCULLIS, PERMISSIONS_FROM: 'intersect', MANAGEMENT_CLIENT_ID: 'menu-api' },
      'MANAGEMENT_CLIENT_SECRET: is not set',
    ],
    [
      'plain http in production',
      {
        ...PRODUCTION,
        ...PORTCULLIS,
        ...CLIENT,
        PERMISSIONS_FROM: 'intersect',
        MANAGEMENT_API_URL: 'http://localhost:4000/api/v2/',
      },
      'MANAGEMENT_API_URL: must be https in production',
    ],
    [
      'an address without its slash',
      {
        ...PORTCULLIS,
        ...CLIENT,
        PERMISSIONS_FROM: 'live',
        MANAGEMENT_API_URL: 'https://login.example/api/v2',
      },
      'MANAGEMENT_API_URL: does not end in a slash',
    ],
    [
      'ID tokens, which carry no permissions, with live',
      { PERMISSIONS_FROM: 'live', FIRST_PARTY_ID_TOKENS: 'wab-website' },
      'FIRST_PARTY_ID_TOKENS: is set, and PERMISSIONS_FROM is live',
    ],
  ])('refuses to start with %s', (_case, environment, sentence) => {
    const read = () => readSettings(environment);
    expect(read).toThrow(StartRefused);
    expect(read).toThrow(expect.objectContaining({ message: expect.stringContaining(sentence) }));
    expect(read).not.toThrow(/a secret/);
  });
});
