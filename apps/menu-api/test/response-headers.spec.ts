import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
const DASHBOARD = 'http://localhost:4040';
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

describe('every answer, good or bad', () => {
  it.each(['/api/menu/items', '/api/whoami', '/api/nowhere', '/api/menu/items/x', '/health/live', '/docs'])(
    '%s',
    async (path) => {
      const { headers } = await api.call('GET', path);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect([headers.get('x-powered-by'), headers.get('server')]).toEqual([null, null]);
    },
  );
});

describe('other origins', () => {
  it('lets the dashboard read, write, and see what it must see', async () => {
    const preflight = await api.call('OPTIONS', '/api/menu/items', {
      headers: {
        origin: DASHBOARD,
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'authorization,if-match',
      },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBe(DASHBOARD);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH');
    const answer = await api.call('GET', '/api/menu/items', { headers: { origin: DASHBOARD } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(DASHBOARD);
    expect(answer.headers.get('vary')).toMatch(/origin/i);
    expect(answer.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('etag');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('shows a refusal to the dashboard too', async () => {
    const refusal = await api.call('POST', '/api/menu/items', { headers: { origin: DASHBOARD } });
    expect([refusal.status, refusal.headers.get('access-control-allow-origin')]).toEqual([401, DASHBOARD]);
  });

  it.each([
    'https://evil.example',
    'null',
    'http://localhost:4040.evil.example',
    'https://localhost:4040',
    'http://localhost:4041',
  ])('tells %s nothing', async (origin) => {
    const answer = await api.call('GET', '/api/menu/items', { headers: { origin } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('another name for this machine', () => {
  /** fetch would not send a Host of our choice. */
  const statusUnder = (host: string, path: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      get(new URL(path, api.url), { headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });

  it('is misdirected, except for probes', async () => {
    expect(await statusUnder('evil.example', '/api/menu/items')).toBe(421);
    expect(await statusUnder('127.0.0.1', '/api/menu/items')).toBe(200);
    expect(await statusUnder('10.0.0.7', '/health/live')).toBe(200);
  });
});

describe('the OpenAPI document', () => {
  interface Operation {
    readonly security?: readonly unknown[];
    readonly 'x-required-permissions'?: readonly string[];
    readonly requestBody?: unknown;
    readonly responses: Readonly<Record<string, unknown>>;
  }

  it('says of every route what the API then does', async () => {
    const document: { paths: Record<string, Record<string, Operation>> } = await (
      await api.call('GET', '/openapi.json')
    ).json();
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        path,
        method: method.toUpperCase(),
        operation,
      })),
    );
    expect(operations.length).toBe(10);
    for (const { path, method, operation } of operations) {
      const response = await api.call(method, path.replace('{id}', 'x'));
      const secured = (operation.security?.length ?? 0) > 0;
      expect(response.status === 401, `${method} ${path}`).toBe(secured);
      expect('401' in operation.responses).toBe(secured);
    }
  });

  it('describes the bodies it takes', async () => {
    const document: { paths: Record<string, Record<string, Operation>> } = await (
      await api.call('GET', '/openapi.json')
    ).json();
    expect(JSON.stringify(document.paths['/api/menu/items']?.['post']?.requestBody)).toContain('price');
  });

  it('is not served in production unless switched on', async () => {
    const quiet = await startApi({ API_DOCS: 'off' });
    try {
      expect((await quiet.call('GET', '/openapi.json')).status).toBe(404);
      expect((await quiet.call('GET', '/docs')).status).toBe(404);
    } finally {
      await quiet.stop();
    }
  });
});
