import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StartRefused } from '@portcullis/service';
import { readSettings } from '../src/settings.ts';

const PRODUCTION = {
  NODE_ENV: 'production',
  ISSUER_URL: 'https://tenant.example/',
  PUBLIC_URL: 'https://menu.example',
  CLIENT_ORIGIN_URL: 'https://dashboard.example',
};

describe('the settings', () => {
  it('need nothing in development', () => {
    expect(readSettings({})).toMatchObject({
      port: 7000,
      host: 'localhost',
      issuers: [{ issuer: 'http://localhost:4000/', provider: 'portcullis', tokenFormat: 'jwt' }],
      firstPartyIdTokens: [],
      redisUrl: undefined,
      audience: ['https://menu-api.example.com'],
      clientOrigins: ['http://localhost:4040'],
      docs: true,
      production: false,
    });
  });

  it.each(['http://localhost:80', 'http://localhost:7000/', 'http://127.0.0.1:7000', 'http://[::1]:7000'])(
    'take the origin %s for the address of the API',
    (PUBLIC_URL) => {
      expect(readSettings({ PUBLIC_URL }).publicUrl).toBe(PUBLIC_URL);
    },
  );

  it('follow the ports of the other apps', () => {
    const settings = readSettings({ IDENTITY_PORT: '4001', DASHBOARD_PORT: '4041', PORT: '7001' });
    expect([settings.issuers, settings.clientOrigins, settings.publicUrl]).toEqual([
      [{ issuer: 'http://localhost:4001/', provider: 'portcullis', tokenFormat: 'jwt' }],
      ['http://localhost:4041'],
      'http://localhost:7001',
    ]);
  });

  it('take issuer and audience from files, too', () => {
    const directory = mkdtempSync(join(tmpdir(), 'settings-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const written = (name: string, value: string): string => {
      writeFileSync(join(directory, name), value);
      return join(directory, name);
    };
    const settings = readSettings({
      ...PRODUCTION,
      ISSUER_URL: undefined,
      ISSUER_URL_FILE: written('issuer', 'https://tenant.example/\n'),
      AUDIENCE_FILE: written('audience', 'https://menu.example\n'),
    });
    expect(settings).toMatchObject({
      issuers: [{ issuer: 'https://tenant.example/' }],
      audience: ['https://menu.example'],
    });
  });

  it('count on 9464, elsewhere or not at all', () => {
    const ports = [{}, { METRICS_PORT: '9999' }, { METRICS_PORT: 'off' }].map(
      (environment) => readSettings(environment).metricsPort,
    );
    expect(ports).toEqual([9464, 9999, undefined]);
  });

  it('hold in production', () => {
    expect(readSettings(PRODUCTION)).toMatchObject({ production: true, docs: false, firstPartyClients: [] });
  });

  it.each<[string, Record<string, string>, string]>([
    ['a port that is none', { PORT: '70000' }, 'PORT'],
    [
      'a port for metrics that is none',
      { METRICS_PORT: '0' },
      'METRICS_PORT: is neither a port number nor "off"',
    ],
    ['an issuer that is no address', { ISSUER_URL: 'tenant.example' }, 'ISSUER_URL'],
    ['an issuer over plain http off this machine', { ISSUER_URL: 'http://tenant.example/' }, 'ISSUER_URL'],
    ['keys over plain http off this machine', { JWKS_URI: 'http://tenant.example/keys' }, 'JWKS_URI'],
    [
      'several issuers with one key address',
      { ISSUER_URL: 'https://a.example/,https://b.example/', JWKS_URI: 'https://a.example/keys' },
      'JWKS_URI',
    ],
    ['a provider that nobody knows', { PROVIDER: 'keycloack' }, 'PROVIDER: is none of portcullis, auth0'],
    ['a format that is none', { TOKEN_FORMAT: 'saml' }, 'TOKEN_FORMAT: is neither jwt, opaque nor both'],
    ['an address that is no Redis', { REDIS_URL: 'http://localhost:6379' }, 'REDIS_URL: is not a redis'],
    ['a Redis database without a number', { REDIS_URL: 'redis://localhost/menu' }, 'REDIS_URL: has a path'],
    ['a database that is not there yet', { DATABASE_URL: 'postgres://localhost/menu' }, 'DATABASE_URL'],
    ['a framework that nobody knows', { HTTP_ADAPTER: 'koa' }, 'HTTP_ADAPTER: is neither "fastify" nor'],
    ['a door that nobody knows', { DOOR: 'window' }, 'DOOR: is neither "guard", "middleware" nor'],
    ...['/menu', '/?a=1', '/?', '/#menu'].map((rest): [string, Record<string, string>, string] => [
      `an address of its own that goes on with ${rest}`,
      { PUBLIC_URL: `http://localhost:7000${rest}` },
      'PUBLIC_URL: has more than scheme, host and port',
    ]),
    [
      'an address of its own with a password',
      { PUBLIC_URL: 'http://user:secret@localhost:7000' },
      'PUBLIC_URL: has more than scheme, host and port',
    ],
    ['production without an issuer', { ...PRODUCTION, ISSUER_URL: '' }, 'ISSUER_URL'],
    [
      'production with a plain http issuer',
      { ...PRODUCTION, ISSUER_URL: 'http://tenant.example/' },
      'ISSUER_URL',
    ],
    ['production without its own address', { ...PRODUCTION, PUBLIC_URL: '' }, 'PUBLIC_URL'],
    [
      'production without its clients’ origins',
      { ...PRODUCTION, CLIENT_ORIGIN_URL: '' },
      'CLIENT_ORIGIN_URL',
    ],
    ['development defaults on a listener that others reach', { HOST: '0.0.0.0' }, 'ISSUER_URL'],
  ])('refuse %s, by the name of the variable', (_what, environment, variable) => {
    const read = (): unknown => readSettings(environment);
    expect(read).toThrow(StartRefused);
    expect(read).toThrow(variable);
  });
});

const TWO = { ISSUER_URL: 'https://a.example/,https://b.example/' };
const CREDENTIALS = { INTROSPECTION_CLIENT_ID: 'menu-api', INTROSPECTION_CLIENT_SECRET: 'a, secret' };
const authentication = { clientId: 'menu-api', clientSecret: 'a, secret' };
const INTROSPECTED = { ...CREDENTIALS, TOKEN_FORMAT: 'both' };
const ID_TOKENS = { FIRST_PARTY_ID_TOKENS: 'wab-website' };

describe('one issuer', () => {
  const ISSUER_URL = 'https://tenant.example/';

  it.each<[string, Record<string, string>, unknown]>([
    ['is generic when nothing is said', {}, { provider: 'generic', tokenFormat: 'jwt' }],
    ['is of the provider that is said', { PROVIDER: 'auth0' }, { provider: 'auth0', tokenFormat: 'jwt' }],
    [
      'is introspected, with a secret that holds a comma',
      { ...CREDENTIALS, TOKEN_FORMAT: 'opaque' },
      { provider: 'generic', tokenFormat: 'opaque', introspection: { authentication } },
    ],
    [
      'is introspected for some tokens, and its keys are elsewhere',
      { ...INTROSPECTED, JWKS_URI: 'https://keys.example/' },
      {
        provider: 'generic',
        tokenFormat: 'both',
        introspection: { authentication },
        jwksUri: 'https://keys.example/',
      },
    ],
  ])('%s', (_what, environment, expected) => {
    const { issuers } = readSettings({ ISSUER_URL, ...environment });
    expect(issuers).toEqual([{ issuer: ISSUER_URL, ...Object(expected) }]);
  });

  it.each(['redis://localhost', 'rediss://:secret@redis.example:6380/2'])(
    'and its used proofs in Redis: %s',
    (REDIS_URL) => {
      expect(readSettings({ ISSUER_URL, REDIS_URL }).redisUrl).toBe(REDIS_URL);
    },
  );

  it('takes the ID tokens of the clients that are named', () => {
    const { firstPartyIdTokens } = readSettings({ ISSUER_URL, FIRST_PARTY_ID_TOKENS: 'one, two' });
    expect(firstPartyIdTokens).toEqual(['one', 'two']);
  });

  it.each<[string, Record<string, string>, string]>([
    ...['opaque', 'both'].flatMap((TOKEN_FORMAT): [string, Record<string, string>, string][] => [
      [
        `${TOKEN_FORMAT} without a client`,
        { TOKEN_FORMAT, INTROSPECTION_CLIENT_SECRET: 'secret' },
        'INTROSPECTION_CLIENT_ID: is not set',
      ],
      [
        `${TOKEN_FORMAT} without its secret`,
        { TOKEN_FORMAT, INTROSPECTION_CLIENT_ID: 'menu-api' },
        'INTROSPECTION_CLIENT_SECRET: is not set',
      ],
    ]),
    [
      'a client to introspect with for jwt',
      CREDENTIALS,
      'INTROSPECTION_CLIENT_ID: goes with the TOKEN_FORMAT opaque',
    ],
    [
      'half of one',
      { TOKEN_FORMAT: 'jwt', INTROSPECTION_CLIENT_SECRET: 'secret' },
      'INTROSPECTION_CLIENT_ID: is not set',
    ],
    [
      'keys for opaque tokens',
      { ...INTROSPECTED, TOKEN_FORMAT: 'opaque', JWKS_URI: 'https://keys.example/' },
      'JWKS_URI: has no use',
    ],
    [
      'ID tokens for opaque ones',
      { ...INTROSPECTED, ...ID_TOKENS, TOKEN_FORMAT: 'opaque' },
      'FIRST_PARTY_ID_TOKENS: goes with the TOKEN_FORMAT jwt or both',
    ],
    [
      'ID tokens for this API itself',
      { AUDIENCE: 'menu-api', FIRST_PARTY_ID_TOKENS: 'website,menu-api' },
      'FIRST_PARTY_ID_TOKENS: and AUDIENCE must not name the same',
    ],
    ['two providers', { PROVIDER: 'auth0,okta' }, 'PROVIDER: has 2 values, and ISSUER_URL has 1 value:'],
  ])('is refused with %s', (_what, environment, sentence) => {
    const read = (): unknown => readSettings({ ISSUER_URL, ...environment });
    expect(read).toThrow(StartRefused);
    expect(read).toThrow(sentence);
    expect(read).not.toThrow('a, secret');
  });
});

describe('several issuers', () => {
  it('take each its own value, in the same order, and an empty place is as if unset', () => {
    const { issuers } = readSettings({
      ...TWO,
      PROVIDER: 'auth0,',
      TOKEN_FORMAT: ',both',
      JWKS_URI: ' ,https://b.example/keys',
      INTROSPECTION_CLIENT_ID: ',menu-api',
      INTROSPECTION_CLIENT_SECRET: ',secret',
    });
    expect(issuers).toEqual([
      { issuer: 'https://a.example/', provider: 'auth0', tokenFormat: 'jwt' },
      {
        issuer: 'https://b.example/',
        provider: 'generic',
        tokenFormat: 'both',
        jwksUri: 'https://b.example/keys',
        introspection: { authentication: { clientId: 'menu-api', clientSecret: 'secret' } },
      },
    ]);
  });

  it('need no value at all', () => {
    expect(readSettings(TWO).issuers.map(({ provider }) => provider)).toEqual(['generic', 'generic']);
  });

  it('may be ours and another', () => {
    const ISSUER_URL = 'http://localhost:4000/,https://b.example/';
    const { issuers } = readSettings({ ISSUER_URL });
    expect(issuers.map(({ provider }) => provider)).toEqual(['portcullis', 'generic']);
  });

  it.each<[string, Record<string, string>]>([
    ['PROVIDER', { PROVIDER: 'auth0' }],
    ['JWKS_URI', { JWKS_URI: 'https://a.example/keys' }],
    ['TOKEN_FORMAT', { TOKEN_FORMAT: 'jwt' }],
    ['INTROSPECTION_CLIENT_ID', { INTROSPECTION_CLIENT_ID: 'menu-api' }],
    ['INTROSPECTION_CLIENT_SECRET', { INTROSPECTION_CLIENT_SECRET: 'secret' }],
  ])('are refused with a single %s', (variable, environment) => {
    expect(() => readSettings({ ...TWO, ...environment })).toThrow(
      `${variable}: has 1 value, and ISSUER_URL has 2 values: give one for each, in the same order; an empty place is as if unset. Example: ${variable}=<1>,<2>`,
    );
  });

  it('are refused when two give out opaque tokens, which do not say whose they are', () => {
    const environment = {
      ...TWO,
      TOKEN_FORMAT: 'opaque,both',
      INTROSPECTION_CLIENT_ID: 'one,two',
      INTROSPECTION_CLIENT_SECRET: 'one,two',
    };
    expect(() => readSettings(environment)).toThrow('Example: TOKEN_FORMAT=both,jwt');
  });

  it('are refused with a client’s ID tokens: its id may be somebody else’s at the other', () => {
    expect(() => readSettings({ ...TWO, ...ID_TOKENS })).toThrow('FIRST_PARTY_ID_TOKENS: goes with one');
  });
});
