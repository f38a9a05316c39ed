import { accessTrials, type AccessTrial } from '@portcullis/nest/openapi';
import type { OpenAPIObject } from '@nestjs/swagger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dish, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
let document: OpenAPIObject;
beforeAll(async () => {
  api = await startApi();
  document = (await (await api.call('GET', '/openapi.json')).json()) as OpenAPIObject;
});
afterAll(() => api.stop());

/** Something that is there to be changed. */
async function freshDish(): Promise<string> {
  const created = await api.call('POST', '/api/menu/items', { token: await api.admin(), json: dish() });
  const { id } = (await created.json()) as { id: string };
  return id;
}

async function tried({ method, path, credential }: AccessTrial): Promise<number> {
  const token = typeof credential === 'object' ? await api.issuer.accessToken({ ...credential }) : credential;
  const json = ['POST', 'PUT', 'PATCH'].includes(method) && !path.endsWith('reset') ? { json: dish() } : {};
  const address = path.includes('{id}') ? path.replace('{id}', await freshDish()) : path;
  return (await api.call(method, address, { ...(token === undefined ? {} : { token }), ...json })).status;
}

describe('the description of the API', () => {
  it('agrees with the doors on every operation, called in every way', async () => {
    const trials = accessTrials(document);
    for (const trial of trials) {
      const status = await tried(trial);
      if (trial.expected === 'handler') expect(status, trial.title).toBeLessThan(300);
      else expect(status, trial.title).toBe(trial.expected);
      expect(trial.documented, `${trial.title} → ${status}`).toContain(status);
    }
    expect(new Set(trials.map(({ method, path }) => `${method} ${path}`))).toEqual(
      new Set([
        'GET /api/menu/items',
        'POST /api/menu/items',
        'DELETE /api/menu/items',
        'GET /api/menu/items/{id}',
        'PUT /api/menu/items/{id}',
        'PATCH /api/menu/items/{id}',
        'DELETE /api/menu/items/{id}',
        'GET /api/menu/menus',
        'POST /api/menu/reset',
        'GET /api/whoami',
      ]),
    );
  });

  it('says what a write needs, and takes bound tokens as well as others', () => {
    expect(document.paths['/api/menu/items/{id}']?.delete).toMatchObject({
      'x-required-permissions': ['delete:items'],
      security: [{ accessToken: [] }, { boundAccessToken: [] }],
    });
  });
});
