import { StartRefused } from '@portcullis/service';
import type { FastifyInstance } from 'fastify';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDashboard } from '../server/dashboard.ts';
import { readSettings } from '../server/settings.ts';

const PRODUCTION = {
  NODE_ENV: 'production',
  ISSUER_URL: 'https://id.example.com/',
  API_URL: 'https://api.example.com',
  DASHBOARD_URL: 'https://menu.example.com',
};

describe('the settings', () => {
  it('have the defaults of the development ports', () => {
    expect(readSettings({})).toMatchObject({
      host: 'localhost',
      port: 4040,
      publicUrl: 'http://localhost:4040',
      issuerUrl: 'http://localhost:4000/',
      clientId: 'wab-dashboard',
      audience: 'https://menu-api.example.com',
      apiUrl: 'http://localhost:7000',
    });
  });

  it('follow the ports of the other two, and the first of several issuers', () => {
    const moved = readSettings({ IDENTITY_PORT: '4100', PORT: '7100', DASHBOARD_PORT: '4141' });
    expect(moved).toMatchObject({
      issuerUrl: 'http://localhost:4100/',
      apiUrl: 'http://localhost:7100',
      publicUrl: 'http://localhost:4141',
    });
    const several = readSettings({ ISSUER_URL: 'https://one.example, https://two.example/' });
    expect(several.issuerUrl).toBe('https://one.example/');
  });

  it('take https anywhere in production', () => {
    expect(readSettings(PRODUCTION).apiUrl).toBe('https://api.example.com');
  });

  it.each([
    ['ISSUER_URL', { ISSUER_URL: 'http://id.example.com/' }],
    ['API_URL', { API_URL: 'http://api.example.com' }],
    ['API_URL', { API_URL: 'localhost:7000' }],
    ['ISSUER_URL', { ISSUER_URL: 'javascript:alert(1)' }],
    ['ISSUER_URL', { NODE_ENV: 'production' }],
    ['API_URL', { ...PRODUCTION, API_URL: 'http://localhost:7000' }],
    ['ISSUER_URL', { HOST: '0.0.0.0' }],
    ['DASHBOARD_PORT', { DASHBOARD_PORT: '70000' }],
  ])('refuse to start, naming %s', (variable, environment) => {
    expect(() => readSettings(environment)).toThrow(StartRefused);
    expect(() => readSettings(environment)).toThrow(variable);
  });
});

describe('the server', () => {
  const files = mkdtempSync(join(tmpdir(), 'dashboard-'));
  let app: FastifyInstance;
  beforeAll(async () => {
    mkdirSync(join(files, 'assets'));
    writeFileSync(join(files, 'index.html'), '<!doctype html><title>WAB</title>');
    writeFileSync(join(files, 'assets', 'index-abc.js'), 'export {};');
    app = await createDashboard({ ...readSettings({}), logLevel: 'silent' }, files);
  });
  afterAll(async () => {
    await app.close();
    rmSync(files, { recursive: true });
  });
  const get = (url: string, headers: Record<string, string> = {}) =>
    app.inject({ url, headers: { host: 'localhost:4040', ...headers } });

  it('tells the browser its settings, and lets nobody keep them', async () => {
    const response = await get('/config.json');
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.json()).toEqual({
      domain: 'http://localhost:4000',
      clientId: 'wab-dashboard',
      audience: 'https://menu-api.example.com',
      apiUrl: 'http://localhost:7000',
    });
  });

  it.each([
    '/',
    '/home',
    '/menu',
    '/menu/add',
    '/menu/01J/edit',
    '/menu/01J/delete-item',
    '/profile',
    '/how',
  ])('serves the application at %s, never from a stale cache', async (path) => {
    const response = await get(path);
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toMatch(/^text\/html/);
    expect(response.headers['cache-control']).toBe('no-cache');
  });

  it('serves the application with 404 where it has no page', async () => {
    const response = await get('/kitchen/sink');
    expect(response.statusCode).toBe(404);
    expect(response.body).toContain('<title>WAB</title>');
  });

  it('lets hashed assets be kept for good, and answers a missing one plainly', async () => {
    expect((await get('/assets/index-abc.js')).headers['cache-control']).toContain('immutable');
    const missing = await get('/assets/index-old.js');
    expect(missing.statusCode).toBe(404);
    expect(missing.headers['content-type']).toMatch(/^text\/plain/);
  });

  it('allows nothing inline, no framing, and no server but the API and the issuer', async () => {
    const policy = String((await get('/home')).headers['content-security-policy']).split(';');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("style-src 'self'");
    expect(policy).toContain("connect-src 'self' http://localhost:7000 http://localhost:4000");
    expect(policy).toContain('frame-src http://localhost:4000');
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy.join(';')).not.toMatch(/unsafe|data:|blob:/);
  });

  it('is not served under a name that is not its own', async () => {
    expect((await get('/config.json', { host: 'rebound.example' })).statusCode).toBe(421);
    expect((await get('/config.json', { host: '127.0.0.1:4040' })).statusCode).toBe(200);
  });

  it('says whether it lives and is ready', async () => {
    expect((await get('/health/live')).statusCode).toBe(200);
    expect((await get('/health/ready')).statusCode).toBe(200);
  });
});
