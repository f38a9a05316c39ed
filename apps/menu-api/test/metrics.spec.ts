import { request } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMetrics } from '../src/metrics/open-metrics.ts';
import { freePort, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
let port: number;
let url: string;
beforeAll(async () => {
  port = await freePort();
  url = `http://localhost:${port}`;
  api = await startApi({ METRICS_PORT: String(port) });
});
afterAll(() => api.stop());

/** With a Host header of one's own, which fetch does not send. */
async function statusUnder(host: string): Promise<number | undefined> {
  const sent = request({ host: '127.0.0.1', port, path: '/metrics', headers: { host } }).end();
  const [response]: unknown[] = await once(sent, 'response');
  const { statusCode, resume } = response as { statusCode?: number; resume(): void };
  resume.call(response);
  return statusCode;
}

describe('metrics', () => {
  it('are read on a listener of their own: the doors, the verifier, the process', async () => {
    await api.call('POST', '/api/menu/items', { token: 'garbage', json: {} });
    await api.call('GET', '/api/whoami', { token: await api.admin() });
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await response.text();
    for (const line of [
      'portcullis_authorizations_total{handler="ItemsController.create",outcome="denied",code="ERR_TOKEN_MALFORMED"} 1',
      'portcullis_authorizations_total{handler="WhoamiController.whoami",outcome="permitted",code=""} 1',
      `portcullis_key_set_loads_total{issuer="${api.issuer.issuer}",outcome="loaded"} 1`,
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).toContain('process_resident_memory_bytes');
    expect((await api.call('GET', '/metrics')).status).toBe(404);
    expect(text).not.toContain('user|1');
  });

  it('are all that is there, to be read only, and under a name of this machine only', async () => {
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/metrics/`)).status).toBe(404);
    const post = await fetch(`${url}/metrics`, { method: 'POST' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect(await statusUnder('rebound.example')).toBe(421);
    expect(await statusUnder(`localhost:${port}`)).toBe(200);
  });

  it('keep the API from starting where their port is taken, and say which variable moves them', async () => {
    await expect(openMetrics(port)).rejects.toThrow(
      `Port ${port} is already in use. Stop what listens there, or set METRICS_PORT to a free port.`,
    );
  });
});
