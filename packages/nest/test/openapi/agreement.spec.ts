import { accessTrials, type AccessTrial } from '@portcullis/nest/openapi';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentedApp } from './documented-app.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer()));
afterAll(() => issuer.stop());

async function tried(url: string, { method, path, credential }: AccessTrial): Promise<number> {
  const token = typeof credential === 'object' ? await issuer.accessToken({ ...credential }) : credential;
  const headers: Record<string, string> = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(['POST', 'PUT', 'PATCH'].includes(method) ? { 'content-type': 'application/json' } : {}),
  };
  const body = 'content-type' in headers ? { body: '{}' } : {};
  return (await fetch(`${url}${path.replaceAll(/\{[^}]*\}/g, '1')}`, { method, headers, ...body })).status;
}

describe.each(['fastify', 'express'] as const)('document and doors on %s', (adapter) => {
  it('agree on every operation, called in every way', async () => {
    const { url, document } = await documentedApp(issuer, { adapter });
    const trials = accessTrials(document);
    for (const trial of trials) {
      const status = await tried(url, trial);
      if (trial.expected === 'handler') expect([401, 403], trial.title).not.toContain(status);
      else expect(status, trial.title).toBe(trial.expected);
      expect(trial.documented, `${trial.title} → ${status}`).toContain(status);
    }
    expect(new Set(trials.map(({ method, path }) => `${method} ${path}`))).toEqual(
      new Set([
        'GET /api/items',
        'POST /api/items',
        'DELETE /api/items',
        'GET /api/items/mine',
        'GET /api/items/who',
        'GET /api/items/greeting',
        'GET /api/items/report',
        'PUT /api/items/{id}',
        'DELETE /api/items/{id}',
        'GET /api/items/old',
        'GET /api/items/older',
        'GET /api/v2/items/versioned/{id}',
        ...['a', 'b'].flatMap((place) =>
          ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'].map(
            (method) => `${method} /api/${place}/ping`,
          ),
        ),
      ]),
    );
  });
});
