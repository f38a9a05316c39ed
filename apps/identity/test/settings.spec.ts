import { describe, expect, it } from 'vitest';
import { readSettings } from '../src/settings.ts';
import { ADMIN, GUEST } from './support/identity.ts';

describe('settings', () => {
  const LIVE = {
    NODE_ENV: 'production',
    IDENTITY_URL: 'https://login.example.com/',
    KEY_ENCRYPTION_SECRET: 'jr5Wq0vT8mZk2Xc7Nb4Lf9Ha1Sd6Gy3Pu',
    SEED_ADMIN_PASSWORD: ADMIN.password,
    SEED_GUEST_PASSWORD: GUEST.password,
  };

  it('for production are accepted when they are complete', () => {
    expect(readSettings(LIVE)).toMatchObject({ issuer: 'https://login.example.com/', strict: true });
  });

  it('lets no page of another origin administrate in production, unless one is named', () => {
    expect(readSettings(LIVE).adminOrigin).toBeUndefined();
    expect(readSettings({}).adminOrigin).toBe('http://localhost:4040');
  });

  it.each([
    ['IDENTITY_URL', { IDENTITY_URL: 'http://login.example.com/' }],
    ['IDENTITY_URL', { IDENTITY_URL: 'http://localhost:4000/' }],
    ['KEY_ENCRYPTION_SECRET', { KEY_ENCRYPTION_SECRET: '' }],
    ['KEY_ENCRYPTION_SECRET', { KEY_ENCRYPTION_SECRET: 'short' }],
    ['KEY_ENCRYPTION_SECRET', { KEY_ENCRYPTION_SECRET: 'x'.repeat(48) }],
    ['KEY_ENCRYPTION_SECRET', { KEY_ENCRYPTION_SECRET: '<the output of: openssl rand -base64 48>' }],
    ['KEY_ENCRYPTION_SECRET', { KEY_ENCRYPTION_SECRET: 'please change me, I am only an example' }],
    ['KEY_ENCRYPTION_SECRET_FORMER', { KEY_ENCRYPTION_SECRET_FORMER: 'short' }],
    ['SEED_MACHINE_SECRET', { SEED_MACHINE_SECRET: 'machine-secret-for-tests-0123456789abcdef' }],
    ['SEED_GUEST_PASSWORD', { SEED_GUEST_PASSWORD: ADMIN.password }],
    ['KEY_ROTATION', { KEY_ROTATION: '0' }],
    ['KEY_ROTATION', { KEY_ROTATION: '90 days' }],
    ['KEY_LEAD', { KEY_LEAD: 'an hour' }],
    ['AUDIT_ANCHOR_EVERY', { AUDIT_ANCHOR_EVERY: '0' }],
    ['SEED_ADMIN_PASSWORD', { SEED_ADMIN_PASSWORD: '' }],
    ['SEED_ADMIN_PASSWORD', { SEED_ADMIN_PASSWORD: 'fourteen chars' }],
    ['SEED_ADMIN_PASSWORD', { SEED_ADMIN_PASSWORD: 'administrator-1' }],
    ['SEED_GUEST_PASSWORD', { SEED_GUEST_PASSWORD: '' }],
    ['SEED_GUEST_PASSWORD', { SEED_GUEST_PASSWORD: 'password123' }],
    ['TRUST_PROXY', { TRUST_PROXY: 'true' }],
    ['TRUST_PROXY', { TRUST_PROXY: '0.0.0.0/0' }],
    ['TRUST_PROXY', { TRUST_PROXY: '10.0.0.5,proxy.example.com' }],
    ['TRUST_PROXY', { TRUST_PROXY: '10.0.0.0/33' }],
    ['IDENTITY_DATABASE_URL', { IDENTITY_DATABASE_URL: 'mysql://localhost/identity' }],
    ['IDENTITY_URL', { IDENTITY_URL: 'https://login.example.com/path' }],
    ['ACCESS_TOKEN_TTL', { ACCESS_TOKEN_TTL: 'soon' }],
    ['ADMIN_ORIGIN', { ADMIN_ORIGIN: 'https://dashboard.example.com/' }],
    ['MANAGEMENT_RATE_LIMIT', { MANAGEMENT_RATE_LIMIT: '0' }],
    ['SEED_ADMIN_MACHINE_SECRET', { SEED_ADMIN_MACHINE_SECRET: 'short' }],
  ])('with a wrong %s are refused by its name', (name, spoiled) => {
    expect(() => readSettings({ ...LIVE, ...spoiled })).toThrow(name);
  });

  it('name the one secret that every node on a shared database needs', () => {
    const IDENTITY_DATABASE_URL = 'postgres://localhost/identity';
    expect(() => readSettings({ IDENTITY_DATABASE_URL })).toThrow('KEY_ENCRYPTION_SECRET');
    expect(readSettings({ ...LIVE, IDENTITY_DATABASE_URL }).databaseUrl).toBe(IDENTITY_DATABASE_URL);
  });

  it('trust nobody’s forwarded headers, and those of the proxies that are named', () => {
    expect(readSettings({}).trustProxy).toEqual([]);
    const settings = readSettings({ ...LIVE, TRUST_PROXY: '10.0.0.5, 10.0.1.0/24, fd00::/8' });
    expect(settings.trustProxy).toEqual(['10.0.0.5', '10.0.1.0/24', 'fd00::/8']);
  });

  it.each([{ HOST: '0.0.0.0' }, { IDENTITY_URL: 'https://login.example.com/' }, { TRUST_PROXY: '10.0.0.5' }])(
    'off loopback or behind a proxy take no development default: %o',
    (environment) => {
      expect(() => readSettings(environment)).toThrow('KEY_ENCRYPTION_SECRET');
    },
  );
});
