import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigModule } from '@nestjs/config';
import { Controller, Get, Module } from '@nestjs/common';
import { Authenticated, PortcullisModule } from '@portcullis/nest';
import { ConfigurationRefused, portcullisConfig, readPortcullisOptions } from '@portcullis/nest/config';
import { createTestingApp, signInAs } from '@portcullis/nest/testing';
import { createTestIssuer } from '@portcullis/testing';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';

const ONE = { ISSUER_URL: 'https://tenant.example.com/', AUDIENCE: 'https://menu.example' };
const TWO = { ...ONE, ISSUER_URL: 'https://one.example/, https://two.example/' };

async function file(content: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'portcullis-config-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, 'value');
  await writeFile(path, content);
  return path;
}

describe('the options', () => {
  it('are whom to trust and for which API, and nothing that was not said', () => {
    expect(readPortcullisOptions(ONE)).toEqual({
      issuer: [{ issuer: ONE.ISSUER_URL }],
      audience: [ONE.AUDIENCE],
    });
  });

  it('take every variable', () => {
    const environment = {
      ...ONE,
      AUDIENCE: 'https://menu.example,http://localhost:7000',
      JWKS_URI: 'https://tenant.example.com/keys',
      PROVIDER: 'auth0',
      TOKEN_FORMAT: 'both',
      INTROSPECTION_CLIENT_ID: 'menu-api',
      INTROSPECTION_CLIENT_SECRET: 'a secret, with a comma',
      FIRST_PARTY_CLIENTS: 'dashboard, website',
      FIRST_PARTY_ID_TOKENS: 'website',
      NODE_ENV: 'production',
    };
    expect(readPortcullisOptions(environment)).toEqual({
      issuer: [
        {
          issuer: ONE.ISSUER_URL,
          jwksUri: 'https://tenant.example.com/keys',
          provider: 'auth0',
          tokenFormat: 'both',
          introspection: { authentication: { clientId: 'menu-api', clientSecret: 'a secret, with a comma' } },
        },
      ],
      audience: ['https://menu.example', 'http://localhost:7000'],
      firstPartyClients: ['dashboard', 'website'],
      firstPartyIdTokens: ['website'],
      production: true,
    });
  });

  it('give each issuer its own place in a list; an empty place is as if unset', () => {
    const environment = {
      ...TWO,
      PROVIDER: 'generic,keycloak',
      TOKEN_FORMAT: ',both',
      INTROSPECTION_CLIENT_ID: ',api',
      INTROSPECTION_CLIENT_SECRET: ',secret',
    };
    expect(readPortcullisOptions(environment).issuer).toEqual([
      { issuer: 'https://one.example/', provider: 'generic' },
      {
        issuer: 'https://two.example/',
        provider: 'keycloak',
        tokenFormat: 'both',
        introspection: { authentication: { clientId: 'api', clientSecret: 'secret' } },
      },
    ]);
  });

  it('come from files too, without the last line break', async () => {
    const environment = {
      ...ONE,
      TOKEN_FORMAT: 'both',
      INTROSPECTION_CLIENT_ID: 'menu-api',
      INTROSPECTION_CLIENT_SECRET_FILE: await file('from a file\n'),
    };
    expect(readPortcullisOptions(environment).issuer).toMatchObject([
      { introspection: { authentication: { clientSecret: 'from a file' } } },
    ]);
  });
});

describe('a start is refused, naming the variable, when', () => {
  it.each<[string, Record<string, string | undefined>, string]>([
    [
      'nothing is set',
      { ISSUER_URL: undefined, AUDIENCE: '' },
      '  ISSUER_URL: is not set. Example: ISSUER_URL=https://tenant.example.com/\n' +
        '  AUDIENCE: is not set. Example: AUDIENCE=https://menu-api.example.com',
    ],
    [
      'an issuer is no address',
      { ISSUER_URL: 'tenant' },
      'ISSUER_URL: is not a list of http or https addresses.',
    ],
    [
      'an issuer stands twice',
      { ISSUER_URL: 'https://a.example/,https://a.example/' },
      'ISSUER_URL: names the same issuer twice.',
    ],
    [
      'an issuer is plain http off this machine',
      { ISSUER_URL: 'http://tenant.example/' },
      'ISSUER_URL: must be',
    ],
    [
      'production has plain http',
      { ISSUER_URL: 'http://127.0.0.1:4000/', NODE_ENV: 'production' },
      'ISSUER_URL: must be',
    ],
    [
      'an audience is empty',
      { AUDIENCE: ' , ' },
      'AUDIENCE: names nothing. Example: AUDIENCE=https://menu-api.example.com',
    ],
    ['keys are plain http', { JWKS_URI: 'http://tenant.example/keys' }, 'JWKS_URI: must be'],
    ['the provider is unknown', { PROVIDER: 'acme' }, 'PROVIDER: is none of '],
    [
      'the provider writes its issuer otherwise',
      { PROVIDER: 'auth0', ISSUER_URL: 'https://tenant.example' },
      'ISSUER_URL: ',
    ],
    [
      'the format is unknown',
      { TOKEN_FORMAT: 'xml' },
      'TOKEN_FORMAT: is neither jwt, opaque nor both. Example: TOKEN_FORMAT=jwt',
    ],
    [
      'opaque tokens have no client to ask as',
      { TOKEN_FORMAT: 'opaque' },
      'INTROSPECTION_CLIENT_ID: must be set with the TOKEN_FORMAT opaque',
    ],
    [
      'a client has no secret',
      { TOKEN_FORMAT: 'both', INTROSPECTION_CLIENT_ID: 'api' },
      'INTROSPECTION_CLIENT_SECRET: is not set, and INTROSPECTION_CLIENT_ID is.',
    ],
    [
      'a secret has no client',
      { TOKEN_FORMAT: 'both', INTROSPECTION_CLIENT_SECRET: 'keep me out of the log' },
      'INTROSPECTION_CLIENT_ID: is not set, and its secret is. Example: INTROSPECTION_CLIENT_ID=menu-api',
    ],
    [
      'a client has no use',
      { INTROSPECTION_CLIENT_ID: 'api', INTROSPECTION_CLIENT_SECRET: 'keep me out of the log' },
      'INTROSPECTION_CLIENT_ID: goes with',
    ],
    [
      'opaque tokens have keys',
      {
        TOKEN_FORMAT: 'opaque',
        INTROSPECTION_CLIENT_ID: 'api',
        INTROSPECTION_CLIENT_SECRET: 'keep me out of the log',
        JWKS_URI: 'https://tenant.example.com/keys',
      },
      'JWKS_URI: has no use with TOKEN_FORMAT=opaque: leave it unset.',
    ],
    [
      'ID tokens are those of the API',
      { FIRST_PARTY_ID_TOKENS: ONE.AUDIENCE },
      'FIRST_PARTY_ID_TOKENS: and AUDIENCE must not name the same',
    ],
    [
      'a value comes twice',
      { INTROSPECTION_CLIENT_SECRET: 'keep me out of the log', INTROSPECTION_CLIENT_SECRET_FILE: '/run/a' },
      'INTROSPECTION_CLIENT_SECRET: and INTROSPECTION_CLIENT_SECRET_FILE are both set: keep one.',
    ],
    [
      'a file is not there',
      { AUDIENCE: undefined, AUDIENCE_FILE: '/nowhere/audience' },
      'AUDIENCE_FILE: names a file that cannot be read (ENOENT). Example: AUDIENCE_FILE=/run/secrets/audience',
    ],
  ])('%s', (_case, environment, complaint) => {
    const read = () => readPortcullisOptions({ ...ONE, ...environment });
    expect(read).toThrow(ConfigurationRefused);
    expect(read).toThrow(complaint);
    expect(read).not.toThrow('keep me out of the log');
  });

  it.each(['JWKS_URI', 'PROVIDER', 'TOKEN_FORMAT', 'INTROSPECTION_CLIENT_ID', 'INTROSPECTION_CLIENT_SECRET'])(
    '%s has one value for two issuers',
    (variable) => {
      const values: Record<string, string> = {
        JWKS_URI: 'https://one.example/keys',
        PROVIDER: 'generic',
        TOKEN_FORMAT: 'jwt',
      };
      expect(() => readPortcullisOptions({ ...TWO, [variable]: values[variable] ?? 'one' })).toThrow(
        `${variable}: has 1 value, and ISSUER_URL has 2 values: give one for each, in the same order; an empty place is as if unset. Example: ${variable}=<1>,<2>`,
      );
    },
  );

  it('opaque tokens could be those of several issuers', () => {
    const client = { INTROSPECTION_CLIENT_ID: 'a,b', INTROSPECTION_CLIENT_SECRET: 'a,b' };
    expect(() => readPortcullisOptions({ ...TWO, ...client, TOKEN_FORMAT: 'both,opaque' })).toThrow(
      /TOKEN_FORMAT: is opaque or both for several issuers.* Example: TOKEN_FORMAT=both,jwt/,
    );
    expect(() => readPortcullisOptions({ ...TWO, FIRST_PARTY_ID_TOKENS: 'website' })).toThrow(
      'FIRST_PARTY_ID_TOKENS: goes with one ISSUER_URL',
    );
  });
});

describe('the namespace of @nestjs/config', () => {
  afterEach(() => void vi.unstubAllEnvs());

  @Controller()
  class WhoController {
    @Get('who') @Authenticated() who() {}
  }
  @Module({
    imports: [
      ConfigModule.forRoot({ ignoreEnvFile: true }),
      PortcullisModule.forRootAsync(portcullisConfig.asProvider()),
    ],
    controllers: [WhoController],
  })
  class AppModule {}

  it('configures the module at start', async () => {
    const issuer = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => issuer.stop());
    vi.stubEnv('ISSUER_URL', issuer.issuer);
    vi.stubEnv('AUDIENCE', issuer.audience);
    const { url, close } = await createTestingApp(AppModule);
    onTestFinished(close);
    expect((await fetch(`${url}/who`)).status).toBe(401);
    expect((await fetch(`${url}/who`, { headers: { ...(await signInAs(issuer)) } })).status).toBe(200);
  });

  it('stops the start when a variable is wrong', async () => {
    vi.stubEnv('ISSUER_URL', 'https://tenant.example/');
    vi.stubEnv('AUDIENCE', undefined);
    await expect(createTestingApp(AppModule)).rejects.toThrow('  AUDIENCE: is not set.');
  });
});
