import { describe, expect, it } from 'vitest';
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
      issuers: ['http://localhost:4000/'],
      audience: 'https://menu-api.example.com',
      clientOrigins: ['http://localhost:4040'],
      docs: true,
      production: false,
    });
  });

  it('follow the ports of the other apps', () => {
    const settings = readSettings({ IDENTITY_PORT: '4001', DASHBOARD_PORT: '4041', PORT: '7001' });
    expect([settings.issuers, settings.clientOrigins, settings.publicUrl]).toEqual([
      ['http://localhost:4001/'],
      ['http://localhost:4041'],
      'http://localhost:7001',
    ]);
  });

  it('hold in production', () => {
    expect(readSettings(PRODUCTION)).toMatchObject({ production: true, docs: false, firstPartyClients: [] });
  });

  it.each<[string, Record<string, string>, string]>([
    ['a port that is none', { PORT: '70000' }, 'PORT'],
    ['an issuer that is no address', { ISSUER_URL: 'tenant.example' }, 'ISSUER_URL'],
    ['an issuer over plain http off this machine', { ISSUER_URL: 'http://tenant.example/' }, 'ISSUER_URL'],
    ['keys over plain http off this machine', { JWKS_URI: 'http://tenant.example/keys' }, 'JWKS_URI'],
    [
      'several issuers with one key address',
      { ISSUER_URL: 'https://a.example/,https://b.example/', JWKS_URI: 'https://a.example/keys' },
      'JWKS_URI',
    ],
    ['a database that is not there yet', { DATABASE_URL: 'postgres://localhost/menu' }, 'DATABASE_URL'],
    ['a door that is not there yet', { DOOR: 'passport' }, 'DOOR'],
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
