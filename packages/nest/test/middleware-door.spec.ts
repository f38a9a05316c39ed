import type { IncomingMessage } from 'node:http';
import {
  All,
  Controller,
  Get,
  Header,
  HttpException,
  Inject,
  Injectable,
  Module,
  Next,
  Post,
  Scope,
  UseInterceptors,
  Version,
  VersioningType,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
  type Type,
  type VersioningOptions,
} from '@nestjs/common';
import { APP_FILTER, ApplicationConfig, ExternalContextCreator, REQUEST } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  Authenticated,
  CurrentCaller,
  Gate,
  PortcullisModule,
  ProblemDetailsFilter,
  Public,
  RequirePermissions,
  UseVerifier,
  type AccessEvent,
  type Caller,
  type PortcullisOptions,
} from '@portcullis/nest';
import { createTestingApp, signInAs } from '@portcullis/nest/testing';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { start, type Parts } from './app.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const reached: string[] = [];
beforeEach(() => void (reached.length = 0));

@Controller('items')
class ItemsController {
  @Get() @Public() list(@CurrentCaller({ optional: true }) caller?: Caller) {
    return { caller: caller?.subject ?? null };
  }
  @Get('mine') @Authenticated() mine(@CurrentCaller() caller: Caller) {
    return { caller: caller.subject };
  }
  @Get(':id') @RequirePermissions('read:items') one() {
    reached.push('one');
    return {};
  }
  @Post() @RequirePermissions('create:items') create() {
    reached.push('create');
    return {};
  }
}

/** Express's request and Node's own, which Fastify's router asks about. */
function versionIn(request: unknown): string {
  const { headers } = request as IncomingMessage;
  return String(headers['x-any']);
}

const options: Partial<PortcullisOptions> = { door: 'middleware' };

describe.each(['fastify', 'express'] as const)('the middleware door on %s', (adapter) => {
  const listen = (parts: Partial<Parts> & { readonly controllers: readonly Type[] }) =>
    start({ issuer, adapter, options, ...parts });

  it('answers as the guard does, word for word', async () => {
    const urls = await Promise.all(
      (['guard', 'middleware'] as const).map(
        async (door) =>
          (await start({ issuer, adapter, controllers: [ItemsController], options: { door } })).url,
      ),
    );
    const callers = [
      {},
      { authorization: 'Bearer a.b.c' },
      { authorization: 'Bearer' },
      { ...(await signInAs(issuer)) },
      { ...(await signInAs(issuer, { sub: 'test-client' })) },
      { ...(await signInAs(issuer, { permissions: ['read:items', 'create:items'] })) },
    ];
    for (const headers of callers) {
      for (const [method, path] of [
        ['GET', '/items'],
        ['GET', '/items/mine'],
        ['GET', '/items/1'],
        ['POST', '/items'],
        ['DELETE', '/items'],
      ] as const) {
        const answers = await Promise.all(
          urls.map(async (url) => {
            const response = await fetch(url + path, { method, headers });
            const { date: _date, ...sent } = Object.fromEntries(response.headers);
            return { status: response.status, sent, body: await response.text() };
          }),
        );
        expect(answers[1]).toEqual(answers[0]);
      }
    }
    expect(reached.length).toBe(4);
  });

  it('gives the handler its caller, and looks at none where anybody may', async () => {
    const { url } = await listen({ controllers: [ItemsController] });
    const caller = async (path: string, headers: Record<string, string>) =>
      (await fetch(url + path, { headers })).json();
    const signedIn = { ...(await signInAs(issuer, { sub: 'user|7' })) };
    expect(await caller('/items/mine', signedIn)).toEqual({ caller: 'user|7' });
    expect(await caller('/items', signedIn)).toEqual({ caller: null });
    expect(await caller('/items', { authorization: 'Bearer a.b.c' })).toEqual({ caller: null });
  });

  it('tells the observers of the gate, once for each request', async () => {
    const { app, url } = await listen({ controllers: [ItemsController] });
    const events: AccessEvent[] = [];
    app.get(Gate).observe({ decided: (event) => void events.push(event) });
    await fetch(`${url}/items/1`);
    await fetch(`${url}/items/1`, { method: 'HEAD' });
    await fetch(`${url}/items/mine`, { headers: { ...(await signInAs(issuer, { sub: 'user|7' })) } });
    expect(
      events.map((event) => [event.context, event.method, event.handler, event.refusal?.status]),
    ).toEqual([
      ['http', 'GET', 'ItemsController.one', 401],
      ['http', 'HEAD', 'ItemsController.one', 401],
      ['http', 'GET', 'ItemsController.mine', undefined],
    ]);
    expect(events[2]?.caller?.subject).toBe('user|7');
  });

  it('decides the same whatever observers throw, at once or later', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const { app, url } = await listen({ controllers: [ItemsController] });
    const thrown: readonly unknown[] = [new Error('no disk'), Object.create(null)];
    for (const one of thrown) {
      app.get(Gate).observe({
        decided() {
          throw one;
        },
      });
      app.get(Gate).observe({ decided: () => Promise.reject(one) as unknown as void });
    }
    expect((await fetch(`${url}/items`)).status).toBe(200);
    expect((await fetch(`${url}/items/1`)).status).toBe(401);
    await expect.poll(() => warnings.length).toBe(8);
    for (const warning of warnings) {
      expect(warning).toMatchObject({ code: 'PORTCULLIS_OBSERVER' });
      expect(warning.message).toBe('an access observer threw; the decision stands');
    }
  });

  it('takes the tokens of the verifier that a handler names, and no others', async () => {
    const partner = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => partner.stop());
    @UseVerifier('partner')
    @Controller('partner')
    class PartnerController {
      @Get() @Authenticated() read(@CurrentCaller() caller: Caller) {
        return { issuer: caller.issuer };
      }
    }
    const { url } = await listen({
      controllers: [PartnerController],
      options: { ...options, verifiers: { partner: { issuer: partner.issuer, audience: partner.audience } } },
    });
    const get = async (from: TestIssuer) =>
      (await fetch(`${url}/partner`, { headers: { ...(await signInAs(from)) } })).status;
    expect([await get(issuer), await get(partner)]).toEqual([401, 200]);
  });

  it('decides before the body is read', async () => {
    const { url } = await listen({ controllers: [ItemsController] });
    const post = async (headers: Record<string, string>) =>
      (
        await fetch(`${url}/items`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: '{broken',
        })
      ).status;
    expect(await post({})).toBe(401);
    expect(await post({ ...(await signInAs(issuer)) })).toBe(403);
    expect(await post({ ...(await signInAs(issuer, { permissions: ['create:items'] })) })).toBe(400);
  });

  it('keeps the rule of each version that shares a path', async () => {
    @Controller({ path: 'v', version: '1' })
    class FirstController {
      @Get() @RequirePermissions('read:first') read() {
        return { version: 1 };
      }
      @Get('inherited') @RequirePermissions('read:first') inherited() {
        return { version: 1 };
      }
    }
    @Controller({ path: 'v', version: '2' })
    class SecondController extends FirstController {
      @Get() @Public() override read() {
        return { version: 2 };
      }
      @Get('newer') @Version('3') @Public() newer() {
        return { version: 3 };
      }
    }
    const { url } = await listen({
      controllers: [FirstController, SecondController],
      prepare: (app) => void app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' }),
    });
    const get = async (path: string, version: string, headers: Record<string, string> = {}) =>
      (await fetch(`${url}/v${path}`, { headers: { 'x-version': version, ...headers } })).status;
    expect(await get('', '1')).toBe(401);
    expect(await get('', '2')).toBe(200);
    expect(await get('/inherited', '1')).toBe(401);
    expect(await get('/inherited', '2')).toBe(401);
    expect(await get('/newer', '3')).toBe(200);
    expect(await get('', '9')).toBe(404);
    const first = { ...(await signInAs(issuer, { permissions: ['read:first'] })) };
    expect(await get('', '1', first)).toBe(200);
  });

  it.each<[string, VersioningOptions, (version: string) => [path: string, headers: Record<string, string>]]>([
    ['the path', { type: VersioningType.URI }, (version) => [`/v${version}/w`, {}]],
    [
      'the media type',
      { type: VersioningType.MEDIA_TYPE, key: 'v=' },
      (version) => ['/w', { accept: `application/json;v=${version}` }],
    ],
    [
      'whatever the application reads',
      { type: VersioningType.CUSTOM, extractor: (request) => versionIn(request) },
      (version) => ['/w', { 'x-any': version }],
    ],
  ])('keeps it where the version is in %s', async (_place, versioning, at) => {
    @Controller('w')
    class VersionedController {
      @Get() @Version('1') @RequirePermissions('read:first') first() {
        return {};
      }
      @Get() @Version('2') @Public() second() {
        return {};
      }
    }
    const { url } = await listen({
      controllers: [VersionedController],
      prepare: (app) => void app.enableVersioning(versioning),
    });
    const statuses = await Promise.all(
      ['1', '2', '3'].map(async (version) => {
        const [path, headers] = at(version);
        return (await fetch(url + path, { headers })).status;
      }),
    );
    expect(statuses).toEqual([401, 200, 404]);
  });

  it('goes with a route wherever Nest sorts it to, and stands before every method of @All', async () => {
    @Controller('sorted')
    class SortedController {
      @Get(':any') @Public() any() {
        return {};
      }
      @Get('secret') @RequirePermissions('read:secret') secret() {
        reached.push('secret');
        return {};
      }
      @All('all/methods') @RequirePermissions('read:secret') all() {
        reached.push('all');
        return {};
      }
    }
    const { url } = await listen({
      controllers: [SortedController],
      prepare: (app) => app.get(ApplicationConfig).setRouteResolutionStrategy('specificity'),
    });
    expect((await fetch(`${url}/sorted/other`)).status).toBe(200);
    expect((await fetch(`${url}/sorted/secret`)).status).toBe(401);
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PROPFIND'])
      expect([method, (await fetch(`${url}/sorted/all/methods`, { method })).status]).toEqual([method, 401]);
    expect(reached).toEqual([]);
    const headers = { ...(await signInAs(issuer, { permissions: ['read:secret'] })) };
    await fetch(`${url}/sorted/secret`, { headers });
    await fetch(`${url}/sorted/all/methods`, { method: 'PUT', headers });
    expect(reached).toEqual(['secret', 'all']);
  });

  it('knows one inherited handler from another by its class', async () => {
    class Base {
      @Get() read() {
        return {};
      }
    }
    @Public()
    @Controller('open')
    class OpenController extends Base {}
    @RequirePermissions('read:closed')
    @Controller('closed')
    class ClosedController extends Base {}
    const { url } = await listen({ controllers: [OpenController, ClosedController] });
    expect((await fetch(`${url}/open`)).status).toBe(200);
    expect((await fetch(`${url}/closed`)).status).toBe(401);
  });

  it('refuses to start where Nest itself cannot tell two handlers apart', async () => {
    class Base {
      @Get() read() {}
    }
    const named = (path: string): Type => {
      @Public()
      @Controller(path)
      class SameController extends Base {}
      return SameController;
    };
    await expect(listen({ controllers: [named('a'), named('b')] })).rejects.toThrow(
      /several controllers have the handler SameController\.read/,
    );
  });

  it('stands before a controller that is made for each request, and beside pipes and interceptors', async () => {
    class Stamp implements NestInterceptor {
      intercept(_context: ExecutionContext, next: CallHandler) {
        reached.push('interceptor');
        return next.handle();
      }
    }
    @UseInterceptors(Stamp)
    @Controller({ path: 'scoped', scope: Scope.REQUEST })
    class ScopedController {
      constructor(@Inject(REQUEST) readonly request: object) {}
      @Get() @Authenticated() @Header('x-a', 'b') read() {
        reached.push('scoped');
        return {};
      }
    }
    const { url } = await listen({ controllers: [ScopedController] });
    expect((await fetch(`${url}/scoped`)).status).toBe(401);
    expect(reached).toEqual([]);
    expect((await fetch(`${url}/scoped`, { headers: { ...(await signInAs(issuer)) } })).status).toBe(200);
    expect(reached).toEqual(['interceptor', 'scoped']);
  });

  it('refuses to start while a handler has no rule', async () => {
    @Controller('forgotten')
    class ForgottenController {
      @Get() read() {}
    }
    await expect(listen({ controllers: [ForgottenController] })).rejects.toThrow(
      'ForgottenController.read (GET)',
    );
  });

  it('works below a global prefix, in a testing module too', async () => {
    @Module({
      imports: [
        PortcullisModule.forRoot({ issuer: issuer.issuer, audience: issuer.audience, door: 'middleware' }),
      ],
      controllers: [ItemsController],
      providers: [{ provide: APP_FILTER, useClass: ProblemDetailsFilter }],
    })
    class PrefixedModule {}
    const { url, close } = await createTestingApp(PrefixedModule, {
      adapter,
      prepare: (app: { setGlobalPrefix(prefix: string): unknown }) => void app.setGlobalPrefix('api'),
    });
    onTestFinished(close);
    expect((await fetch(`${url}/api/items/1`)).status).toBe(401);
    expect((await fetch(`${url}/api/items`)).status).toBe(200);

    const module = await Test.createTestingModule({ imports: [PrefixedModule] }).compile();
    const app = module.createNestApplication(
      adapter === 'express'
        ? new (await import('@nestjs/platform-express')).ExpressAdapter()
        : new (await import('@nestjs/platform-fastify')).FastifyAdapter(),
      { logger: false },
    );
    onTestFinished(() => app.close());
    await app.listen(0, '127.0.0.1');
    expect((await fetch(`${await app.getUrl()}/items/1`)).status).toBe(401);
    expect((await fetch(`${await app.getUrl()}/items`)).status).toBe(200);
  });
});

describe('a handler that the middleware has not admitted to', () => {
  it.each(['fastify', 'express'] as const)(
    'is refused by what is left of a guard, on %s',
    async (adapter) => {
      @Public()
      @Controller({ path: 'bound', scope: Scope.REQUEST })
      class BoundController {
        constructor() {
          // Nest then calls a function that no decorator knows.
          this.read = this.read.bind(this);
        }
        @Get() read() {
          reached.push('bound');
        }
      }
      const { url } = await start({ issuer, adapter, options, controllers: [BoundController] });
      const response = await fetch(`${url}/bound`);
      expect([response.status, await response.json()]).toEqual([
        403,
        expect.objectContaining({ code: 'ERR_NO_RULE' }),
      ]);
      expect(reached).toEqual([]);
    },
  );

  it('is behind its own rule where Express passes from one to the next', async () => {
    @Controller('chain')
    class ChainController {
      @Get(':any') @Public() first(@Next() next: () => void) {
        reached.push('first');
        next();
      }
      @Get('secret') @RequirePermissions('read:secret') second() {
        reached.push('second');
        return {};
      }
    }
    const { url } = await start({ issuer, adapter: 'express', options, controllers: [ChainController] });
    expect((await fetch(`${url}/chain/secret`)).status).toBe(401);
    expect(reached).toEqual(['first']);
    const headers = { ...(await signInAs(issuer, { permissions: ['read:secret'] })) };
    expect((await fetch(`${url}/chain/secret`, { headers })).status).toBe(200);
    expect(reached).toEqual(['first', 'first', 'second']);
  });
});

describe('a context that has no middleware', () => {
  it.each(['graphql', 'ws', 'rpc'])(
    'keeps its guard: %s, which nobody installed, is refused',
    async (context) => {
      const { app } = await start({ issuer, options, controllers: [ItemsController] });
      const controller: object = app.get(ItemsController);
      const called = app
        .get(ExternalContextCreator)
        .create(
          controller,
          Reflect.get(controller, 'list'),
          'list',
          undefined,
          undefined,
          undefined,
          undefined,
          { guards: true, interceptors: false, filters: false },
          context,
        );
      await expect(called()).rejects.toMatchObject({
        refusal: { status: 403, problem: { code: 'ERR_NO_RULE' } },
      });
    },
  );
});

describe('what the middleware door cannot do', () => {
  it('is told at start: one host alone, on Express', async () => {
    @Public()
    @Controller({ host: 'admin.example', path: 'hosted' })
    class HostedController {
      @Get() read() {}
    }
    await expect(
      start({ issuer, adapter: 'express', options, controllers: [HostedController] }),
    ).rejects.toThrow("use door: 'guard'");
  });

  it('is told at start: a door that there is not', async () => {
    await expect(start({ issuer, controllers: [], options: { door: 'gate' as 'guard' } })).rejects.toThrow(
      "door must be 'guard', 'middleware' or the class of a guard, not 'gate'",
    );
  });
});

describe('a class as the door', () => {
  @Injectable()
  class TeapotGuard implements CanActivate {
    constructor(@Inject(Gate) readonly gate: Gate) {}
    canActivate(context: ExecutionContext): boolean {
      throw new HttpException(this.gate.handlerOf(context.getClass(), context.getHandler()).name, 418);
    }
  }

  it('is the one guard, made with what it asks for', async () => {
    const { url } = await start({ issuer, controllers: [ItemsController], options: { door: TeapotGuard } });
    const response = await fetch(`${url}/items`);
    expect([response.status, await response.text()]).toEqual([
      418,
      expect.stringContaining('ItemsController.list'),
    ]);
  });
});
