import {
  callerOf,
  callerRule,
  createAuthenticator,
  optionalRule,
  protectExpress,
  protectFastify,
  publicRule,
  type Authenticator,
  type RouteRules,
} from '@portcullis/http';
import { createDpopClient, createTestIssuer, type TestIssuer } from '@portcullis/testing';
import express, { Router, type Express } from 'express';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { raw, serve } from './server.ts';

let issuer: TestIssuer;
let authenticator: Authenticator;
beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' });
  authenticator = createAuthenticator({ issuer: issuer.issuer, audience: issuer.audience });
});
afterAll(() => {
  authenticator.verifier.close();
  return issuer.stop();
});

const reached: string[] = [];
beforeEach(() => void (reached.length = 0));

const rules: RouteRules = {
  'GET /items/mine': publicRule,
  'GET /items/:id': callerRule({ allOf: ['read:items'] }),
  'POST /items': callerRule({ allOf: ['create:items'] }),
  'GET /who': optionalRule,
  'ALL /any': callerRule({ kinds: ['user'] }),
};

/** The same routes on both, the wide one first: its rule must not depend on that. */
function onExpress(app: Express): Express {
  protectExpress(app, authenticator, rules);
  app.get('/items/mine', (_request, response) => void response.json(reached.push('mine')));
  app.get('/items/:id', (request, response) => void response.json(reached.push(request.params.id)));
  app.route('/items').post((_request, response) => void response.json(reached.push('create')));
  app.get('/who', (request, response) => void response.json(callerOf(request)?.subject ?? null));
  app.all('/any', (_request, response) => void response.json(reached.push('any')));
  return app;
}

function onFastify(app: FastifyInstance): FastifyInstance {
  protectFastify(app, authenticator, rules);
  app.get('/items/:id', async ({ params }) => reached.push((params as { id: string }).id));
  app.get('/items/mine', async () => reached.push('mine'));
  app.post('/items', async () => reached.push('create'));
  app.get('/who', (request) => ({ subject: callerOf(request)?.subject }));
  app.all('/any', async () => reached.push('any'));
  return app;
}

async function listening(app: FastifyInstance): Promise<string> {
  onTestFinished(() => app.close());
  return app.listen({ host: '127.0.0.1', port: 0 });
}

const express5 = (settings: readonly string[] = []) => {
  const app = express();
  for (const setting of settings) app.enable(setting);
  return serve(onExpress(app));
};
const fastify5 = (options: FastifyServerOptions = {}) =>
  listening(onFastify(fastify({ forceCloseConnections: true, ...options })));

const loose = { caseSensitive: false, ignoreTrailingSlash: true, ignoreDuplicateSlashes: true };
const applications: readonly [string, () => Promise<string>][] = [
  ['Express', () => express5()],
  ['Express, strict about case and slashes', () => express5(['case sensitive routing', 'strict routing'])],
  ['Fastify', () => fastify5()],
  ['Fastify, loose about case and slashes', () => fastify5({ routerOptions: loose })],
];

const as = async (claims: Record<string, unknown>) => ({
  authorization: `Bearer ${await issuer.accessToken(claims)}`,
});

describe.each(applications)('every route has its rule on %s', (_name, start) => {
  it('and is reached by whoever meets it', async () => {
    const url = await start();
    const status = async (path: string, method = 'GET', headers: Record<string, string> = {}) =>
      (await fetch(url + path, { method, headers })).status;
    expect(await status('/items/1')).toBe(401);
    expect(await status('/items/1', 'GET', await as({}))).toBe(403);
    expect(await status('/items', 'POST', await as({ permissions: ['read:items'] }))).toBe(403);
    expect(await status('/any', 'DELETE')).toBe(401);
    expect(reached).toEqual([]);
    expect(await status('/items/1', 'GET', await as({ permissions: ['read:items'] }))).toBe(200);
    expect(await status('/items', 'POST', await as({ permissions: ['create:items'] }))).toBe(200);
    expect(await status('/any', 'PUT', await as({}))).toBe(200);
    expect(reached).toEqual(['1', 'create', 'any']);
  });

  it('and a public one looks at no credential, while an optional one refuses a bad one', async () => {
    const url = await start();
    const headers = { authorization: 'Bearer a.b.c' };
    expect((await fetch(`${url}/items/mine`, { headers })).status).toBe(200);
    expect((await fetch(`${url}/who`, { headers })).status).toBe(401);
    expect((await fetch(`${url}/who`)).status).toBe(200);
    expect(await (await fetch(`${url}/who`, { headers: await as({ sub: 'user|7' }) })).text()).toContain(
      'user|7',
    );
  });

  it('and the refusal is the same problem as everywhere', async () => {
    const response = await fetch(`${await start()}/items/1`);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('www-authenticate')).toBe(`Bearer realm="${issuer.audience}"`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toMatchObject({ status: 401, code: 'ERR_NO_CREDENTIAL' });
  });

  it('and what is no route is not found', async () => {
    expect((await fetch(`${await start()}/nowhere`)).status).toBe(404);
  });

  const targets = [
    '/items/1',
    '//items/1',
    '/items//1',
    '/items/1/',
    '/items/1//',
    '/items/1?x=/items/mine',
    '/items/1;x=1',
    '/items/1#',
    '/items/1%00',
    '/items/%31',
    '/items/%2531',
    '/items%2f1',
    '/items/./1',
    '/items/../items/1',
    '/%69tems/1',
    '/ITEMS/1',
    '/items/MINE/',
    '/items/mine/..',
    '/items/mine/../1',
    '/items/mine%2f..%2f1',
    '/items/mine;/1',
    '/items/%2e%2e',
    '/items\\1',
    '/items/1.json',
    '/ANY',
    '/any/',
    '//any',
    '/any;x',
    'http://localhost/items/1',
    'http://elsewhere.example/any',
  ];

  it.each(['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'PROPFIND', 'QUERY'])(
    'and no spelling of an address gets past it, with %s',
    async (method) => {
      const url = await start();
      const headers = [
        'Content-Length: 0',
        'X-HTTP-Method-Override: GET',
        'X-Original-URL: /items/mine',
        'X-Rewrite-URL: /items/mine',
      ];
      for (const target of targets) await raw(url, [`${method} ${target} HTTP/1.1`, ...headers]);
      // `mine` is public, in whatever spelling the router takes for it.
      expect(reached.filter((name) => name !== 'mine')).toEqual([]);
    },
  );

  it('and HEAD goes by the rule of GET', async () => {
    const url = await start();
    expect((await fetch(`${url}/items/1`, { method: 'HEAD' })).status).toBe(401);
    expect(reached).toEqual([]);
  });
});

describe('a method that has a line of its own', () => {
  const lines: RouteRules = {
    'ALL /any': publicRule,
    'GET /any': callerRule({}),
    'GET /page': publicRule,
    'HEAD /page': callerRule({}),
  };

  it.each<[string, () => Promise<string>]>([
    [
      'Express',
      () => {
        const app = express();
        protectExpress(app, authenticator, lines);
        app.route('/any').all((_request, response) => void response.json('any'));
        app.get('/page', (_request, response) => void response.json('page'));
        return serve(app);
      },
    ],
    [
      'Express, by its router',
      () => {
        const router = Router();
        protectExpress(router, authenticator, lines);
        router.all('/any', (_request, response) => void response.json('any'));
        router.get('/page', (_request, response) => void response.json('page'));
        const app = express();
        return serve(app.use(router));
      },
    ],
    [
      'Fastify',
      () => {
        const app = fastify({ forceCloseConnections: true });
        protectFastify(app, authenticator, lines);
        app.all('/any', async () => 'any');
        app.get('/page', async () => 'page');
        return listening(app);
      },
    ],
  ])('goes by that where one handler takes it among others, on %s', async (_name, start) => {
    const url = await start();
    const status = async (method: string, path: string) => (await fetch(url + path, { method })).status;
    expect([await status('POST', '/any'), await status('GET', '/any'), await status('HEAD', '/any')]).toEqual(
      [200, 401, 401],
    );
    expect([await status('GET', '/page'), await status('HEAD', '/page')]).toEqual([200, 401]);
  });
});

describe('a request that Express passes from one handler to the next', () => {
  it('has its credential judged once: a proof of possession is good for one look', async () => {
    const used = new Set<string>();
    const publicUrl = 'https://api.example';
    const proving = createAuthenticator({
      issuer: issuer.issuer,
      audience: issuer.audience,
      dpop: { publicUrl, replayStore: { remember: (key) => used.size < used.add(key).size } },
    });
    onTestFinished(() => proving.verifier.close());
    const below = Router();
    protectExpress(below, proving, { 'GET /': callerRule({ allOf: ['read:items'] }) });
    below.get('/', () => void reached.push('below'));
    const app = express();
    protectExpress(app, proving, { 'GET /items': callerRule({}), 'ALL /items': callerRule({}) });
    app
      .route('/items')
      .all((_request, _response, next) => next())
      .get((request, _response, next) => {
        reached.push(callerOf(request)?.via ?? 'nobody');
        next();
      });
    const url = await serve(app.use('/items', below));
    const client = await createDpopClient();
    const token = await issuer.accessToken({ cnf: { jkt: client.jkt } });
    const proof = client.proof({ method: 'GET', url: `${publicUrl}/items`, token });
    const ask = async () =>
      (await fetch(`${url}/items`, { headers: { authorization: `DPoP ${token}`, dpop: proof } })).status;
    expect(await ask()).toBe(403);
    expect(reached).toEqual(['dpop']);
    expect(await ask()).toBe(401);
    expect(reached).toEqual(['dpop']);
  });
});

describe('a route without a rule', () => {
  it('is refused when it is declared on Express, however it is declared', () => {
    const app = express();
    protectExpress(app, authenticator, { 'GET /a': publicRule });
    const handler = () => {};
    const sentence = /nothing says who may use .* give it a rule/;
    expect(() => app.get('/b', handler)).toThrow(sentence);
    expect(() => app.post('/a', handler)).toThrow(sentence);
    expect(() => app.all('/a', handler)).toThrow(sentence);
    expect(() => app.route('/c').delete(handler)).toThrow(sentence);
    expect(() => app.get(['/a', '/b'], handler)).toThrow(sentence);
    expect(() => app.router.get('/b', handler)).toThrow(sentence);
    expect(() => app.get('/a', handler)).not.toThrow();
  });

  it('is refused on a router of Express, which needs rules of its own', async () => {
    const app = express();
    protectExpress(app, authenticator, {});
    expect(() => app.use('/v1', Router())).toThrow(/protectExpress\(router/);
    expect(() => app.use(express())).toThrow(/protectExpress\(router/);
    expect(() => app.router.use([Router()])).toThrow(/protectExpress\(router/);
    const router = Router();
    protectExpress(router, authenticator, { 'GET /items': callerRule({}) });
    router.get('/items', (_request, response) => void response.json('reached'));
    const url = await serve(app.use('/v1', router));
    expect((await fetch(`${url}/v1/items`)).status).toBe(401);
    expect((await fetch(`${url}/v1/items`, { headers: await as({}) })).status).toBe(200);
  });

  it('is one whose line says nothing, as a program without types may have it', () => {
    const silent = { 'GET /a': publicRule };
    Reflect.set(silent, 'GET /a', undefined);
    const [web, api] = [express(), fastify()];
    protectExpress(web, authenticator, silent);
    protectFastify(api, authenticator, silent);
    expect(() => web.get('/a', () => {})).toThrow("'GET /a': publicRule");
    expect(() => api.get('/a', async () => 'a')).toThrow("'GET /a': publicRule");
  });

  it('cannot have been declared before', () => {
    const app = express().get('/a', () => {});
    expect(() => protectExpress(app, authenticator, { 'GET /a': publicRule })).toThrow(
      /before the first route/,
    );
  });

  it('cannot have come with a router or an application that was used before', () => {
    const router = Router().get('/a', () => {});
    for (const app of [express().use('/v1', router), express().use(express().use(router))]) {
      expect(() => protectExpress(app, authenticator, {})).toThrow(/or the first router used/);
    }
    const closed = Router();
    protectExpress(closed, authenticator, {});
    const app = express().use(express.json(), closed);
    expect(() => protectExpress(app, authenticator, {})).not.toThrow();
  });

  it('is refused when it is declared on Fastify, in a plugin too', async () => {
    const app = fastify();
    protectFastify(app, authenticator, { 'GET /v1/a': publicRule });
    expect(() => app.get('/b', async () => 'b')).toThrow("'GET /b': publicRule");
    app.register(
      async (plugin) => {
        plugin.get('/a', async () => 'a');
        plugin.get('/b', async () => 'b');
      },
      { prefix: '/v1' },
    );
    await expect(app.ready()).rejects.toThrow("'GET /v1/b': publicRule");
  });

  it('is refused on Fastify when it was declared before', async () => {
    const app = fastify({ forceCloseConnections: true });
    app.get('/early', async () => reached.push('early'));
    protectFastify(app, authenticator, {});
    const response = await fetch(`${await listening(app)}/early`);
    expect([response.status, await response.json()]).toEqual([
      403,
      expect.objectContaining({ code: 'ERR_NO_RULE' }),
    ]);
    expect(reached).toEqual([]);
  });
});

describe('a route that was declared before', () => {
  it('has its rule on Fastify all the same, as one of a plugin that has to answer first', async () => {
    const app = fastify({ forceCloseConnections: true });
    app.get('/early', () => 'open');
    app.get('/closed', () => reached.push('closed'));
    app.all('/every', () => 'open');
    protectFastify(app, authenticator, {
      'GET /early': publicRule,
      'GET /closed': callerRule({}),
      'ALL /every': publicRule,
    });
    const url = await listening(app);
    expect((await fetch(`${url}/early`)).status).toBe(200);
    expect((await fetch(`${url}/every`, { method: 'DELETE' })).status).toBe(200);
    expect((await fetch(`${url}/closed`)).status).toBe(401);
    expect(reached).toEqual([]);
  });
});

describe('a rule without a route', () => {
  it('keeps Fastify from starting', async () => {
    const app = fastify();
    protectFastify(app, authenticator, { 'GET /itmes': publicRule });
    await expect(app.ready()).rejects.toThrow('there is no route "GET /itmes"');
  });

  it('has to look like one', () => {
    for (const line of ['/items', 'get /items', 'GET', '']) {
      expect(() => protectExpress(express(), authenticator, { [line]: publicRule })).toThrow(
        /as "GET \/items"/,
      );
    }
  });
});
