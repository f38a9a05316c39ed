import { connect } from 'node:net';
import type { AccessEvent, AuditEvent } from '@portcullis/nest';
import { AuditTrail, Gate, JsonBodyInterceptor, ProblemDetailsFilter } from '@portcullis/nest';
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core';
import { signInAs } from '@portcullis/nest/testing';
import { createDpopClient, createTestIssuer, spoiled, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ADAPTERS, answered, ask, deadIssuer, start } from './graphql-app.ts';
import { reached } from './kitchen.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());
beforeEach(() => void (reached.length = 0));

const signedIn = async (...permissions: readonly string[]): Promise<{ authorization: string }> => ({
  ...(await signInAs(issuer, { sub: 'user|1', permissions })),
});

describe.each(ADAPTERS)('before an operation is parsed, on %s', (adapter) => {
  it.each<[string, () => string | Promise<string>, number, string]>([
    ['a bad token', () => 'Bearer garbage', 401, 'ERR_TOKEN_MALFORMED'],
    [
      'an expired one',
      async () => `Bearer ${await issuer.accessToken({ exp: 1 })}`,
      401,
      'ERR_TOKEN_EXPIRED',
    ],
    [
      'one that somebody else signed',
      async () => `Bearer ${spoiled.signature(await issuer.accessToken())}`,
      401,
      'ERR_SIGNATURE_INVALID',
    ],
    ['a broken header', () => 'Bearer a b', 400, 'ERR_CREDENTIAL_REQUEST'],
  ])('%s is refused, even for public fields', async (_case, authorization, status, code) => {
    const { url } = await start({ adapter, issuer });
    const headers = { authorization: await authorization() };
    const refused = await ask(url, '{ dishes { name } }', headers);
    expect([refused.status, refused.body]).toEqual([status, expect.objectContaining({ status, code })]);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(refused.headers.get('www-authenticate')).toContain(`Bearer realm="${issuer.audience}"`);
    expect(refused.headers.get('cache-control')).toBe('no-store');
    expect(refused.text).not.toContain('garbage');
    const get = await fetch(`${url}?query={dishes{name}}`, {
      headers: { ...headers, 'apollo-require-preflight': 'yes' },
    });
    expect(get.status).toBe(status);
  });

  it('keys that cannot be had are 503', async () => {
    const options = { issuer: await deadIssuer(), audience: issuer.audience };
    const { url } = await start({ adapter, issuer: options });
    const token = await issuer.accessToken({ iss: options.issuer });
    const refused = await ask(url, '{ dishes { name } }', { authorization: `Bearer ${token}` });
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask(url, '{ dishes { name } }')).body.data).toEqual({ dishes: [{ name: 'Soup' }] });
  });

  it.each([false, true])(
    'the body stays unread while it is refused (bodies deferred: %s)',
    async (deferBodies) => {
      const { url } = await start({ adapter, issuer, deferBodies });
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      const head = ['POST /graphql HTTP/1.1', 'Host: localhost', 'Authorization: Bearer garbage'];
      const body = [
        'Content-Type: application/json',
        'Content-Length: 100000',
        'Connection: close',
        '',
        '{ broken',
      ];
      socket.write([...head, ...body].join('\r\n'), 'latin1');
      const [answer] = await socket.setEncoding('latin1').take(1).toArray();
      expect(String(answer)).toMatch(/^HTTP\/1\.1 401 /);
    },
  );

  it('no spelling of its path comes to a resolver without its credential being judged', async () => {
    const { url } = await start({ adapter, issuer });
    const post = async (path: string, authorization: string): Promise<number> => {
      const headers = { 'content-type': 'application/json', authorization };
      const body = JSON.stringify({ query: '{ secret }' });
      return (await fetch(`${new URL(url).origin}${path}`, { method: 'POST', headers, body })).status;
    };
    const { authorization } = await signedIn('read:secrets');
    const spellings = String.raw`
      /graphql /graphql/ /graphql? /graphql?x=1 /GraphQL /GRAPHQL/ //graphql /graphql// /%67raphql /graphql%2f /graphql/x
      /graphql;x /graphql%00 /graphql. /x/../graphql /x/%2e%2e/graphql /graphql/../graphql /graphql#x`;
    let open = 0;
    for (const path of spellings.trim().split(/\s+/)) {
      const good = await post(path, authorization);
      expect([path, good]).toEqual([path, expect.toBeOneOf([200, 400, 404])]);
      expect([path, await post(path, 'Bearer garbage')]).toEqual([path, good === 200 ? 401 : good]);
      if (good === 200) open += 1;
    }
    expect(open).toBeGreaterThanOrEqual(6);
    expect(reached.length).toBe(open);
  });

  it('stands behind what the application puts in front of everything, such as CORS', async () => {
    const { url } = await start({
      adapter,
      issuer,
      prepare: (app) => app.enableCors({ origin: 'https://menu.example' }),
    });
    const headers = { origin: 'https://menu.example', authorization: 'Bearer garbage' };
    const refused = await ask(url, '{ dishes { name } }', headers);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://menu.example');
  });

  it('is where GraphQLModule is, with the global prefix and a path of its own', async () => {
    const { url } = await start({
      adapter,
      issuer,
      graphql: { path: '/query', useGlobalPrefix: true },
      prepare: (app) => app.setGlobalPrefix('api'),
    });
    const path = url.replace('/graphql', '/api/query');
    expect((await ask(path, '{ me }', { authorization: 'Bearer garbage' })).status).toBe(401);
    expect((await ask(path, '{ me }', await signedIn())).body.data).toEqual({ me: 'user|1' });
  });

  it('a proof of possession is judged once, however many operations and fields it comes with', async () => {
    const publicUrl = 'https://menu.example';
    const used = new Set<string>();
    const replayStore = { remember: (key: string) => used.size < used.add(key).size };
    const { url } = await start({
      adapter,
      issuer,
      options: { dpop: { publicUrl, replayStore } },
      graphql: { allowBatchedHttpRequests: true },
    });
    const client = await createDpopClient();
    const token = await issuer.accessToken({ cnf: { jkt: client.jkt }, permissions: ['read:costs'] });
    const dpop = client.proof({ method: 'POST', url: `${publicUrl}/graphql`, token });
    const headers = { authorization: `DPoP ${token}`, dpop };
    const batch = ['{ me dishes { cost } }', '{ me }'].map((query) => ({ query }));
    expect(JSON.parse((await ask(url, batch, headers)).text)).toEqual([
      { data: { me: 'user|1', dishes: [{ cost: 7 }] } },
      { data: { me: 'user|1' } },
    ]);
    expect((await ask(url, batch, headers)).status).toBe(401);
    expect((await ask(url, batch, { authorization: `Bearer ${token}` })).status).toBe(401);
  });
});

describe.each(ADAPTERS)('each resolver is decided by its own rule, on %s', (adapter) => {
  it('nobody gets what is public, and what is refused says why', async () => {
    const { url } = await start({ adapter, issuer });
    const { status, body } = await ask(url, '{ dishes { name chef { name } } me secret }');
    expect(status).toBe(200);
    expect(body.data).toEqual({ dishes: [{ name: 'Soup', chef: { name: 'Ada' } }], me: null, secret: null });
    expect(body.errors?.map(({ path }) => path)).toEqual(expect.arrayContaining([['me'], ['secret']]));
    for (const { message, extensions } of body.errors ?? []) {
      expect(message).toContain('this needs an access token');
      expect(extensions).toEqual({
        code: 'UNAUTHENTICATED',
        problem: expect.objectContaining({ status: 401, code: 'ERR_NO_CREDENTIAL', detail: message }),
        challenge: `Bearer realm="${issuer.audience}"`,
      });
    }
    expect(reached).toEqual([]);
  });

  it('a missing permission is named, and what stands beside it answers', async () => {
    const { url } = await start({ adapter, issuer });
    const headers = await signedIn('read:secrets');
    const { status, body } = await ask(url, '{ secret me dishes { name cost } }', headers);
    expect(status).toBe(200);
    expect(body.data).toEqual({ secret: 'mole', me: 'user|1', dishes: [{ name: 'Soup', cost: null }] });
    expect(body.errors).toMatchObject([
      {
        path: ['dishes', 0, 'cost'],
        message: 'this needs the permission read:costs',
        extensions: {
          code: 'FORBIDDEN',
          problem: { status: 403, code: 'ERR_INSUFFICIENT_PERMISSIONS', missingPermissions: ['read:costs'] },
        },
      },
    ]);
    expect(reached).toEqual(['secret']);
  });

  it('mutations and field resolvers', async () => {
    const { url } = await start({ adapter, issuer });
    const mutation = 'mutation { addDish(name: "Pie") { name cost chef { salary } } }';
    expect((await ask(url, mutation, await signedIn())).body.data).toBeNull();
    expect(reached).toEqual([]);
    const all = await signedIn('create:dishes', 'read:costs', 'read:salaries');
    expect((await ask(url, mutation, all)).body).toEqual({
      data: { addDish: { name: 'Pie', cost: 7, chef: { salary: 1000 } } },
    });
    expect(reached).toEqual(['add Pie', 'cost of Pie', 'salary']);
  });

  it('a login that is too old is told how recent it must be', async () => {
    const { url } = await start({ adapter, issuer });
    const headers = { ...(await signInAs(issuer, { auth_time: Math.floor(Date.now() / 1000) - 90 })) };
    const { body } = await ask(url, '{ recent }', headers);
    expect(body.errors?.[0]?.extensions).toMatchObject({
      code: 'UNAUTHENTICATED',
      problem: { code: 'ERR_LOGIN_TOO_OLD' },
      challenge: expect.stringContaining('max_age="60"'),
    });
  });

  it('a public resolver is not told who is calling', async () => {
    const { url } = await start({ adapter, issuer });
    const { body } = await ask(url, '{ visitor me }', await signedIn());
    expect(body).toEqual({ data: { visitor: null, me: 'user|1' } });
  });

  it.each(['application/json', 'application/graphql-response+json'])(
    'a refused field is no failure of the request: 200 as %s',
    async (accept) => {
      const { url } = await start({ adapter, issuer });
      const refused = await ask(url, '{ secret }', { accept });
      expect(refused.status).toBe(200);
      expect(refused.headers.get('content-type')).toContain(accept);
      expect(refused.body.errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
      expect((await ask(url, '{ nonsense }', { accept })).status).toBe(400);
    },
  );

  it('each operation of a batch', async () => {
    const { url } = await start({ adapter, issuer, graphql: { allowBatchedHttpRequests: true } });
    const batch = ['{ me }', '{ dishes { cost } }', '{ secret }'].map((query) => ({ query }));
    const { status, text } = await ask(url, batch, await signedIn('read:costs'));
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject([
      { data: { me: 'user|1' } },
      { data: { dishes: [{ cost: 7 }] } },
      { data: { secret: null }, errors: [{ extensions: { code: 'FORBIDDEN' } }] },
    ]);
    expect(reached).toEqual(['cost of Soup']);
  });

  it('many callers at once never get each other’s answer, whatever the application’s context is', async () => {
    const shared = { req: { of: 'the application' } };
    const { url } = await start({ adapter, issuer, graphql: { context: () => shared } });
    const people = await Promise.all(
      Array.from({ length: 30 }, async (_, number) => ({
        subject: `user|${number}`,
        headers: { ...(await signInAs(issuer, { sub: `user|${number}` })) },
      })),
    );
    const answers = await Promise.all(
      [...people, ...people].map(async ({ subject, headers }) => [
        subject,
        (await ask(url, '{ me }', headers)).body.data?.['me'],
      ]),
    );
    for (const [subject, me] of answers) expect(me).toBe(subject);
    expect((await ask(url, '{ me }')).body.data).toEqual({ me: null });
  });

  it('beside the other doors of the application', async () => {
    const { url } = await start({
      adapter,
      issuer,
      deferBodies: true,
      providers: [
        { provide: APP_FILTER, useClass: ProblemDetailsFilter },
        { provide: APP_INTERCEPTOR, useValue: new JsonBodyInterceptor() },
      ],
    });
    const { body } = await ask(url, '{ me secret }', await signedIn());
    expect(body).toMatchObject({
      data: { me: 'user|1', secret: null },
      errors: [{ extensions: { code: 'FORBIDDEN', problem: { missingPermissions: ['read:secrets'] } } }],
    });
    expect((await ask(url, '{ missing }')).body.errors).toMatchObject([{ message: 'no such dish' }]);
    const broken = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{ "query": ',
    });
    expect([broken.status, (await answered(broken)).body]).toEqual([
      400,
      expect.objectContaining({ status: 400 }),
    ]);
  });

  it('and logged in a line without a token, not as a failure of the application', async () => {
    const lines: string[] = [];
    const failures: unknown[] = [];
    const logger = {
      log: (...line: readonly unknown[]) => void lines.push(line.join(' ')),
      warn: () => undefined,
      error: (failure: unknown) => void failures.push(failure),
    };
    const { url } = await start({ adapter, issuer, logger });
    const headers = await signedIn();
    await ask(url, '{ secret dishes { cost } }', headers);
    expect(lines.join('\n')).toMatch(/refused WhoResolver\.secret: 403 ERR_INSUFFICIENT_PERMISSIONS/);
    expect(lines.join('\n')).not.toContain(headers.authorization.slice(7));
    expect(failures).toEqual([]);
  });

  it('and reported, with the kind of operation', async () => {
    const { app, url } = await start({
      adapter,
      issuer,
      prepare: (preparing) =>
        void preparing.use((request: { id?: unknown }, _response: unknown, next: () => void) => {
          request.id ??= 'req-of-mine';
          next();
        }),
    });
    const events: AccessEvent[] = [];
    app.get(Gate).observe({ decided: (event) => events.push(event) });
    await ask(url, 'mutation { addDish(name: "Pie") { name } }', await signedIn());
    await ask(url, '{ me }', await signedIn());
    await ask(url, '{ me }', { authorization: 'Bearer garbage' });
    expect(
      events.map(({ context, handler, method, caller, refusal }) => [
        context,
        handler,
        method,
        caller?.subject,
        refusal?.status,
      ]),
    ).toEqual([
      ['graphql', 'DishResolver.addDish', 'mutation', 'user|1', 403],
      ['graphql', 'WhoResolver.me', 'query', 'user|1', undefined],
      ['graphql', 'GraphQL /graphql', undefined, undefined, 401],
    ]);
    expect(events.map(({ requestId }) => typeof requestId)).toEqual(['string', 'string', 'string']);
  });
});

describe.each(ADAPTERS)('the audit trail, on %s', (adapter) => {
  it('tells of no operation that only read, whoever sent it', async () => {
    const written: AuditEvent[] = [];
    const accessObserver = new AuditTrail({ sink: { record: (event) => void written.push(event) } });
    const { url } = await start({ adapter, issuer, options: { accessObserver } });
    await ask(url, '{ me visitor }', await signedIn());
    await ask(url, '{ visitor }');
    await ask(url, 'mutation { addDish(name: "Pie") { name } }', await signedIn('create:dishes'));
    expect(written).toMatchObject([{ outcome: 'permitted', handler: 'DishResolver.addDish' }]);
  });
});

describe.each(ADAPTERS)('no way around a rule, on %s', (adapter) => {
  it.each([
    ['an alias', '{ public: secret }'],
    ['a fragment', '{ ...all } fragment all on Query { secret }'],
    ['an inline fragment', '{ ... { ... on Query { secret } } }'],
    ['a directive', 'query ($yes: Boolean = true) { secret @include(if: $yes) }'],
    ['a name', 'query dishes { secret }'],
    ['a nested object', '{ dishes { chef { salary } } }'],
    ['an object below itself', '{ dishes { similar { similar { cost chef { salary } } } } }'],
    ['an interface', '{ edible(id: "2") { cost } }'],
    ['an interface and its type', '{ edible(id: "1") { ... on Dish { cost } ... on Drink { cost } } }'],
    ['a union', '{ served { __typename ... on Dish { cost } ... on Edible { cost } } }'],
    ['introspection beside it', '{ __typename __schema { queryType { name } } secret }'],
  ])('%s', async (_case, query) => {
    const { url } = await start({ adapter, issuer, graphql: { introspection: true } });
    for (const headers of [{}, await signedIn(), await signedIn('read:dishes')]) {
      const { body } = await ask(url, query, headers);
      expect(body.errors?.[0]?.extensions['code']).toMatch(/^(UNAUTHENTICATED|FORBIDDEN)$/);
      const get = await fetch(`${url}?query=${encodeURIComponent(query)}`, {
        headers: { ...headers, 'apollo-require-preflight': 'yes' },
      });
      expect((await answered(get)).body.errors?.length).toBeGreaterThan(0);
    }
    expect(reached).toEqual([]);
    const all = await signedIn('read:secrets', 'read:costs', 'read:salaries');
    expect((await ask(url, query, all)).body.errors).toBeUndefined();
    expect(reached.length).toBeGreaterThan(0);
  });

  it('a form of another page cannot send an operation', async () => {
    const { url } = await start({ adapter, issuer });
    for (const type of [
      'application/x-www-form-urlencoded',
      'text/plain',
      'multipart/form-data; boundary=x',
    ]) {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': type, ...(await signedIn('read:secrets')) },
        body: 'query={secret}',
      });
      expect(answer.status).toBeOneOf([400, 415]);
    }
    const headers = await signedIn('read:secrets');
    expect((await fetch(`${url}?query={secret}`, { headers })).status).toBe(400);
    expect(reached).toEqual([]);
  });

  it('answers hold neither a stack trace nor a token', async () => {
    const { url } = await start({ adapter, issuer, graphql: { nodeEnv: 'development' } });
    const headers = await signedIn();
    for (const query of ['{ secret }', '{ nonsense }', '{ broken']) {
      const { text } = await ask(url, query, headers);
      expect(text).toContain('errors');
      expect(text).not.toMatch(/stacktrace|node_modules|\.ts:\d/);
      expect(text).not.toContain(headers.authorization.slice(7));
    }
  });
});
