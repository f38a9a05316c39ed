import {
  authenticate,
  callerOf,
  createAuthenticator,
  requireAnyPermission,
  requireAuthentication,
  requirePermissions,
  requireRecentLogin,
  sendRefusal,
  type AuthenticatorOptions,
  type Middleware,
} from '@portcullis/http';
import { tokenPermissions } from '@portcullis/permissions';
import { createTestIssuer, spoiled, type TestIssuer } from '@portcullis/testing';
import express, { Router } from 'express';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parseChallenge } from './challenge.ts';
import { behind, judging, serve } from './server.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

function authenticator(options: Partial<AuthenticatorOptions> = {}) {
  const made = createAuthenticator({ issuer: issuer.issuer, audience: issuer.audience, ...options });
  onTestFinished(() => made.verifier.close());
  return made;
}

const api = (...rules: readonly Middleware[]) => serve(behind(...judging(authenticator()), ...rules));

async function get(url: string, token?: string) {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(url, { headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
}

describe('authenticate, and a look at the caller', () => {
  it('goes on with the caller of a good token', async () => {
    const token = await issuer.accessToken({ scope: 'a:b', permissions: ['a:b'], auth_time: 5 });
    const { status, body } = await get(await api(), token);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      kind: 'user',
      issuer: issuer.issuer,
      subject: 'user|1',
      client: 'test-client',
      via: 'bearer',
      bindings: [],
      tokenKind: 'access_token',
      scopes: ['a:b'],
      permissions: ['a:b'],
      withheldPermissions: [],
      authTime: 5,
    });
  });

  it('goes on with nobody when there is no credential', async () => {
    expect(await get(await api())).toMatchObject({ status: 200, body: null });
  });

  it.each<[string, (good: string) => string, string]>([
    ['another signature', spoiled.signature, 'ERR_SIGNATURE_INVALID'],
    ['no signature', spoiled.unsigned, 'ERR_TOKEN_MALFORMED'],
    [
      'other claims than were signed',
      (good) => spoiled.claims(good, { sub: 'admin' }),
      'ERR_SIGNATURE_INVALID',
    ],
  ])('ends at a token with %s', async (_spoil, spoil, code) => {
    const { status, headers, body } = await get(await api(), spoil(await issuer.accessToken()));
    expect(status).toBe(401);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(parseChallenge(headers.get('www-authenticate')).parameters['error']).toBe('invalid_token');
    expect(body).toMatchObject({ status: 401, statusCode: 401, code });
  });

  it('ends at an expired token, and says no value of it', async () => {
    const { status, body } = await get(await api(), await issuer.accessToken({ exp: 1_234_567 }));
    expect(status).toBe(401);
    expect(JSON.stringify(body)).not.toContain('1234567');
  });

  it('takes options as well as an authenticator', async () => {
    const middleware = judging({ issuer: issuer.issuer, audience: 'https://other.example' });
    const url = await serve(behind(...middleware));
    expect((await get(url, await issuer.accessToken())).status).toBe(401);
    expect((await get(url, await issuer.accessToken({ aud: 'https://other.example' }))).status).toBe(200);
  });

  it('refuses to be made with options that protect nothing', () => {
    expect(() => authenticate({ issuer: '', audience: 'x' })).toThrow(TypeError);
    expect(() => authenticate({ issuer: issuer.issuer, audience: [] })).toThrow(TypeError);
  });

  it('hands an error of its own to the next error handler, never to the client as a caller', async () => {
    const broken = authenticator({
      permissions: { permissionsOf: () => Promise.reject(new Error('database')) },
    });
    const response = await fetch(await serve(behind(...judging(broken))), {
      headers: { authorization: `Bearer ${await issuer.accessToken()}` },
    });
    expect(response.status).toBe(500);
  });
});

describe('an issuer that is down', () => {
  it('is 503 with Retry-After and never a challenge, which would log people out', async () => {
    const dead = await createTestIssuer({ algorithm: 'ES256' });
    const token = await dead.accessToken({ permissions: ['a:b'] });
    const stranger = await dead.accessToken({ iss: 'https://evil.example/' });
    await dead.stop();
    const url = await serve(
      behind(authenticate(authenticator({ issuer: dead.issuer })), requirePermissions('a:b')),
    );
    const { status, headers, body } = await get(url, token);
    expect(status).toBe(503);
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(headers.has('www-authenticate')).toBe(false);
    expect(body).toMatchObject({ status: 503, code: 'ERR_ISSUER_UNAVAILABLE' });
    expect((await get(url)).status).toBe(401);
    expect((await get(url, 'a.b.c')).status).toBe(401);
    expect((await get(url, stranger)).status).toBe(401);
  });
});

describe('requirePermissions', () => {
  const both = requirePermissions('a:b', 'c:d');

  it.each<[string, Record<string, unknown>, number]>([
    ['all of them', { permissions: ['a:b', 'c:d'] }, 200],
    ['one of them', { permissions: ['a:b'] }, 403],
    ['none', {}, 403],
    ['them as scopes alone', { scope: 'a:b c:d' }, 403],
    ['them beyond the scope', { scope: 'a:b', permissions: ['a:b', 'c:d'] }, 403],
    ['them as a string', { permissions: 'a:b c:d' }, 403],
    ['them as a machine', { sub: 'test-client', permissions: ['a:b', 'c:d'] }, 200],
  ])('with %s', async (_case, claims, status) => {
    expect((await get(await api(both), await issuer.accessToken(claims))).status).toBe(status);
  });

  it('asks for a credential with a bare challenge', async () => {
    const { status, headers, body } = await get(await api(both));
    expect(status).toBe(401);
    expect(parseChallenge(headers.get('www-authenticate'))).toEqual({
      scheme: 'Bearer',
      parameters: { realm: issuer.audience },
    });
    expect(body).toMatchObject({ code: 'ERR_NO_CREDENTIAL' });
  });

  it('answers Basic with that same bare challenge', async () => {
    const response = await fetch(await api(both), { headers: { authorization: 'Basic dXNlcjpwYXNz' } });
    expect(response.status).toBe(401);
    expect(parseChallenge(response.headers.get('www-authenticate')).parameters).toEqual({
      realm: issuer.audience,
    });
  });

  it('names the scope when the user holds it and the client did not ask', async () => {
    const token = await issuer.accessToken({ scope: 'a:b', permissions: ['a:b', 'c:d'] });
    const { headers, body } = await get(await api(both), token);
    expect(parseChallenge(headers.get('www-authenticate')).parameters['scope']).toBe('a:b c:d');
    expect(body).toMatchObject({ missingPermissions: ['c:d'] });
  });

  it('names it in the problem alone when the user lacks it', async () => {
    const { headers, body } = await get(await api(both), await issuer.accessToken({ permissions: ['a:b'] }));
    expect(parseChallenge(headers.get('www-authenticate')).parameters).not.toHaveProperty('scope');
    expect(body).toMatchObject({ missingPermissions: ['c:d'] });
  });

  it('is a mistake without authenticate before it, and passes nobody', async () => {
    const response = await fetch(await serve(behind(both)));
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('mount authenticate()');
  });
});

describe('requireAuthentication', () => {
  it('is for machines where they are named', async () => {
    const url = await api(requireAuthentication({ kind: 'machine' }));
    expect((await get(url, await issuer.accessToken({ sub: 'test-client' }))).status).toBe(200);
    expect((await get(url, await issuer.accessToken())).status).toBe(403);
  });

  it('is for a user who may do nothing else, and not for a machine', async () => {
    const url = await api(requireAuthentication());
    expect((await get(url, await issuer.accessToken())).status).toBe(200);
    const machine = await get(url, await issuer.accessToken({ sub: 'test-client' }));
    expect(machine).toMatchObject({ status: 403, body: { code: 'ERR_CALLER_KIND' } });
    expect((await get(url)).status).toBe(401);
  });
});

describe('requireAnyPermission', () => {
  it.each<[string, Record<string, unknown>, number]>([
    ['the first', { permissions: ['a:b'] }, 200],
    ['the second', { permissions: ['c:d'] }, 200],
    ['another', { permissions: ['e:f'] }, 403],
    ['none', {}, 403],
  ])('with %s', async (_case, claims, status) => {
    const url = await api(requireAnyPermission('a:b', 'c:d'));
    expect((await get(url, await issuer.accessToken(claims))).status).toBe(status);
  });
});

describe('requireRecentLogin', () => {
  const now = Math.floor(Date.now() / 1000);

  it.each<[string, Record<string, unknown>, number]>([
    ['a recent login', { auth_time: now - 30 }, 200],
    ['an old one', { auth_time: now - 90 }, 401],
    ['one in the future', { auth_time: now + 90 }, 401],
    ['none that is known', {}, 401],
    ['a machine, which would loop', { sub: 'test-client' }, 403],
  ])('with %s', async (_case, claims, status) => {
    const url = await api(requireRecentLogin(60));
    expect((await get(url, await issuer.accessToken(claims))).status).toBe(status);
  });

  it('asks for a login in its challenge (RFC 9470)', async () => {
    const { headers } = await get(await api(requireRecentLogin(60)), await issuer.accessToken());
    expect(parseChallenge(headers.get('www-authenticate')).parameters).toMatchObject({
      error: 'insufficient_user_authentication',
      max_age: '60',
    });
  });
});

describe('authenticate alone', () => {
  const trusting = async (...rules: readonly Middleware[]) =>
    serve(behind(authenticate(authenticator()), ...rules));

  it('judges nothing: a public route is not broken by what a request carries', async () => {
    expect(await get(await trusting(), 'a.b.c')).toMatchObject({ status: 200, body: null });
    const dead = await createTestIssuer({ algorithm: 'ES256' });
    await dead.stop();
    const url = await serve(behind(authenticate(authenticator({ issuer: dead.issuer }))));
    expect((await get(url, await dead.accessToken())).status).toBe(200);
  });

  it('has the credential judged once, whatever number of middlewares ask', async () => {
    let asked = 0;
    const source = tokenPermissions();
    const counting = authenticator({
      permissions: {
        permissionsOf: (authentication) => {
          asked++;
          return source.permissionsOf(authentication);
        },
      },
    });
    const url = await serve(
      behind(
        authenticate(counting),
        requirePermissions('a:b'),
        requireAuthentication(),
        requireAnyPermission('a:b'),
      ),
    );
    expect((await get(url, await issuer.accessToken({ permissions: ['a:b'] }))).status).toBe(200);
    expect(asked).toBe(1);
  });
});

describe('what could protect nothing', () => {
  it.each<[string, () => unknown]>([
    // @ts-expect-error: does not compile
    ['no permission', () => requirePermissions()],
    ['an empty one', () => requirePermissions('a:b', ' ')],
    // @ts-expect-error: does not compile
    ['no alternative', () => requireAnyPermission()],
    ['no kind', () => requireAuthentication({ kind: [] })],
    // @ts-expect-error: does not compile
    ['an unknown kind', () => requireAuthentication({ kind: 'admin' })],
    ['no age', () => requireRecentLogin(0)],
    ['half a second', () => requireRecentLogin(0.5)],
  ])('is refused when it is made: %s', (_case, make) => {
    expect(make).toThrow(TypeError);
  });
});

describe('the caller of a request', () => {
  it('cannot be planted by anything a client sends', async () => {
    const forged = JSON.stringify({ kind: 'user', subject: 'admin', permissions: ['a:b'] });
    const url = await api();
    const response = await fetch(`${url}/?caller=${encodeURIComponent(forged)}&__proto__[caller]=x`, {
      method: 'POST',
      headers: {
        caller: forged,
        user: forged,
        'x-caller': forged,
        'x-forwarded-user': 'admin',
        'x-user-id': 'admin',
        cookie: `caller=${encodeURIComponent(forged)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ caller: forged, user: forged }),
    });
    expect(await response.json()).toBeNull();
  });

  it('is not a property of the request, so that none can stand in for it', async () => {
    const url = await serve((request, response) => {
      Object.assign(request, { caller: { subject: 'admin' }, user: { subject: 'admin' }, auth: {} });
      behind(...judging(authenticator()))(request, response);
    });
    expect((await get(url)).body).toBeNull();
  });

  it('is frozen, and so are its sets', async () => {
    const token = await issuer.accessToken({ permissions: ['a:b'] });
    let attempts: readonly unknown[] = [];
    const spoil: Middleware = (request, _response, next) => {
      const caller = callerOf(request);
      const sets = [caller?.scopes, caller?.permissions, caller?.withheldPermissions];
      attempts = [
        Object.isFrozen(caller),
        ...sets.map((set) => {
          expect(() => Reflect.apply(Set.prototype.add, set, ['admin'])).toThrow(TypeError);
          return Object.isFrozen(set);
        }),
      ];
      next();
    };
    const { body } = await get(await api(spoil), token);
    expect(attempts).toEqual([true, true, true, true]);
    expect(body).toMatchObject({ permissions: ['a:b'], scopes: [] });
  });
});

describe('sendRefusal', () => {
  it('leaves an answer alone that something else has begun', async () => {
    const late: Middleware = (_request, response, next) => {
      response.writeHead(503).end('{}');
      next();
    };
    const { status } = await get(await serve(behind(late, ...judging(authenticator()))), 'a.b.c');
    expect(status).toBe(503);
    const { refusals } = authenticator();
    const direct = await get(await serve((_request, response) => sendRefusal(response, refusals.noRule())));
    expect(direct).toMatchObject({ status: 403, body: { code: 'ERR_NO_RULE' } });
  });
});

describe('on Fastify, as an onRequest hook', () => {
  it('decides before the body is parsed', async () => {
    const app = fastify({ forceCloseConnections: true });
    const steps = [authenticate(authenticator()), requirePermissions('a:b')];
    for (const step of steps) {
      app.addHook('onRequest', (request, reply, done) => {
        step(request.raw, reply.raw, (error) => done(error instanceof Error ? error : undefined));
      });
    }
    app.post('/', (request) => ({ subject: callerOf(request.raw)?.subject }));
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => app.close());
    const post = async (claims: Record<string, unknown>, body: string) =>
      fetch(url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await issuer.accessToken(claims)}`,
          'content-type': 'application/json',
        },
        body,
      });
    expect((await post({}, '{broken')).status).toBe(403);
    expect((await post({ permissions: ['a:b'] }, '{broken')).status).toBe(400);
    const good = await post({ permissions: ['a:b'] }, '{}');
    expect(await good.json()).toEqual({ subject: 'user|1' });
  });
});

describe('on Express, beside a route', () => {
  it('decides before the parser that stands behind it, and leaves public routes alone', async () => {
    const app = express();
    app.use(authenticate(authenticator()));
    app.get('/menu', (_request, response) => void response.json('menu'));
    app.post('/items', requirePermissions('a:b'), express.json(), (request, response) => {
      response.json({ subject: callerOf(request)?.subject, body: request.body as unknown });
    });
    const below = Router().get('/mine', requireAuthentication(), (request, response) => {
      response.json({ subject: callerOf(request)?.subject });
    });
    app.use('/below', below);
    const url = await serve(app);
    expect((await get(`${url}/menu`, 'a.b.c')).status).toBe(200);
    expect((await get(`${url}/below/mine`, 'a.b.c')).status).toBe(401);
    expect(await get(`${url}/below/mine`, await issuer.accessToken())).toMatchObject({
      status: 200,
      body: { subject: 'user|1' },
    });
    const post = async (claims: Record<string, unknown>, body: string) => {
      const response = await fetch(`${url}/items`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await issuer.accessToken(claims)}`,
          'content-type': 'application/json',
        },
        body,
      });
      return response.status;
    };
    expect(await post({}, '{broken')).toBe(403);
    expect(await post({ permissions: ['a:b'] }, '{broken')).toBe(400);
    expect(await post({ permissions: ['a:b'] }, '{}')).toBe(200);
  });
});
