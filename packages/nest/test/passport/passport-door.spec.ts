import type { IncomingMessage } from 'node:http';
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Req,
  Sse,
  type DynamicModule,
  type Type,
} from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { PassportStrategy } from '@nestjs/passport';
import {
  Authenticated,
  CurrentCaller,
  Gate,
  OptionalAuthentication,
  PortcullisModule,
  ProblemDetailsFilter,
  Public,
  RequirePermissions,
  type AccessEvent,
  type Caller,
} from '@portcullis/nest';
import { FurtherStrategies, PortcullisPassportGuard } from '@portcullis/nest/passport';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import passport from 'passport';
import { NEVER, startWith } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { deadIssuer } from '../app.ts';
import { startApplication } from '../doors/start-door.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const asked: string[] = [];
const reached: string[] = [];
beforeEach(() => void (asked.length = reached.length = 0));

type Verify = (session: string, done: (error: unknown, caller?: Caller | false) => void) => void;

/** Somebody else's strategy, which knows people by a cookie. The Authorization header decides alone. */
class CookieStrategy extends passport.Strategy {
  constructor(private readonly verify: Verify) {
    super();
  }
  override authenticate({ headers }: Pick<IncomingMessage, 'headers'>): void {
    asked.push('session');
    const session = /^session=(\w+)$/.exec(headers.cookie ?? '')?.[1];
    if (session === undefined || headers.authorization !== undefined) return this.fail(401);
    this.verify(session, (error, caller) => {
      if (error) this.error(error);
      else if (caller) this.success(caller);
      else this.fail(401);
    });
  }
}

/** As Nest's own documents have a strategy written. */
@Injectable()
class SessionStrategy extends PassportStrategy(CookieStrategy, 'test-session') {
  async validate(session: string): Promise<Caller | false> {
    if (session === 'broken') throw new Error('the store is out of order');
    return ['guest', 'cook', 'brief'].includes(session) ? callerOfSession(session) : false;
  }
}

function callerOfSession(name: string): Caller {
  return Object.freeze({
    kind: 'user',
    issuer: issuer.issuer,
    subject: `session|${name}`,
    client: 'website',
    via: 'session',
    bindings: [],
    tokenKind: 'access_token',
    scopes: new Set<string>(),
    permissions: new Set(name === 'cook' ? ['create:items'] : []),
    permissionSources: new Map(),
    withheldPermissions: new Set<string>(),
    authTime: undefined,
    acr: undefined,
    amr: [],
    claims: {},
    expiresAt: Date.now() / 1000 + (name === 'brief' ? 0.5 : 600),
  });
}

passport.use(
  'test-stranger',
  new (class extends passport.Strategy {
    override authenticate(): void {
      this.success({ id: 7, roles: ['admin'] });
    }
  })(),
);

/** As OAuth's strategies do: whoever comes back with a code is known, everybody else is sent to the provider. */
passport.use(
  'test-provider',
  new (class extends passport.Strategy {
    override authenticate({ query }: { query: Record<string, unknown> }): void {
      if (query['code'] === 'of-the-cook') this.success(callerOfSession('cook'));
      else this.redirect(`https://login.example/authorize?state=${String(query['state'])}`, 303);
    }
  })(),
);

interface WithUser {
  readonly user?: unknown;
}

function answered(caller: Caller | undefined, { user }: WithUser): unknown {
  reached.push(caller?.subject ?? 'nobody');
  return { subject: caller?.subject ?? 'nobody', via: caller?.via, isUser: user === caller };
}

@Controller()
@FurtherStrategies('test-session')
class KitchenController {
  @Get('mine') @Authenticated() mine(@CurrentCaller() caller: Caller, @Req() request: WithUser) {
    return answered(caller, request);
  }
  @Get('items') @RequirePermissions('create:items') items(
    @CurrentCaller() caller: Caller,
    @Req() request: WithUser,
  ) {
    return answered(caller, request);
  }
  @Get('optional') @OptionalAuthentication() optional(
    @CurrentCaller({ optional: true }) caller: Caller | undefined,
    @Req() request: WithUser,
  ) {
    return answered(caller, request);
  }
  @Get('public') @Public() open(
    @CurrentCaller({ optional: true }) caller: Caller | undefined,
    @Req() request: WithUser,
  ) {
    return answered(caller, request);
  }
  @Get('stranger') @Authenticated() @FurtherStrategies('test-stranger') stranger(
    @CurrentCaller() caller: Caller,
    @Req() request: WithUser,
  ) {
    return answered(caller, request);
  }
  @Sse('events') @Authenticated() events(@CurrentCaller() { subject }: Caller) {
    return NEVER.pipe(startWith({ data: subject }));
  }
  @Get('login') @Authenticated() @FurtherStrategies('test-session', 'test-provider') login(
    @CurrentCaller() caller: Caller,
    @Req() request: WithUser,
  ) {
    return answered(caller, request);
  }
}

@Controller('heir')
class HeirController extends KitchenController {}

@Controller('tokens')
class TokensController {
  @Get() @Authenticated() mine(@CurrentCaller() caller: Caller, @Req() request: WithUser) {
    return answered(caller, request);
  }
}

const events: AccessEvent[] = [];

@Module({ providers: [SessionStrategy] })
class KitchenModule {
  constructor(@Inject(Gate) gate: Gate) {
    gate.observe({ decided: (event) => void events.push(event) });
  }
}

function kitchen(issuers: readonly string[] = [issuer.issuer]): DynamicModule {
  const controllers: readonly Type[] = [KitchenController, HeirController, TokensController];
  return {
    module: KitchenModule,
    imports: [
      PortcullisModule.forRoot({ issuer: issuers, audience: issuer.audience, door: PortcullisPassportGuard }),
    ],
    controllers: [...controllers],
    providers: [{ provide: APP_FILTER, useClass: ProblemDetailsFilter }],
  };
}

const bare = 'Bearer realm="https://api.example"';

describe.each(['fastify', 'express'] as const)('the Passport door on %s', (adapter) => {
  async function start(issuers?: readonly string[]) {
    const { url, close } = await startApplication(kitchen(issuers), adapter);
    onTestFinished(() => close());
    return async (path: string, headers: Record<string, string> = {}) => {
      const response = await fetch(`${url}/${path}`, { headers, redirect: 'manual' });
      return {
        status: response.status,
        location: response.headers.get('location'),
        challenge: response.headers.get('www-authenticate'),
        body: (await response.json()) as unknown,
      };
    };
  }
  const bearer = async (claims: Record<string, unknown> = {}): Promise<Record<string, string>> => ({
    authorization: `Bearer ${await issuer.accessToken(claims)}`,
  });

  it('hands the handler one Caller, as request.user and by @CurrentCaller', async () => {
    const get = await start();
    expect(await get('mine', await bearer())).toMatchObject({
      status: 200,
      body: { subject: 'user|1', via: 'bearer', isUser: true },
    });
    expect(asked).toEqual([]);
  });

  it('knows by a further strategy whoever brings no credential of ours', async () => {
    const get = await start();
    expect(await get('mine', { cookie: 'session=guest' })).toMatchObject({
      status: 200,
      body: { subject: 'session|guest', via: 'session', isUser: true },
    });
  });

  it('asks the same of everybody, however they came', async () => {
    const get = await start();
    expect(await get('items', { cookie: 'session=cook' })).toMatchObject({ status: 200 });
    expect(await get('items', { cookie: 'session=guest' })).toMatchObject({
      status: 403,
      challenge: `${bare}, error="insufficient_scope"`,
      body: { code: 'ERR_INSUFFICIENT_PERMISSIONS', missingPermissions: ['create:items'] },
    });
    expect(await get('items', await bearer())).toMatchObject({ status: 403 });
    expect(reached).toEqual(['session|cook']);
  });

  it.each<[string, () => string | Promise<string>, number, string]>([
    ['a spoiled token', () => 'Bearer garbage', 401, 'ERR_TOKEN_MALFORMED'],
    [
      'an expired token',
      async () => `Bearer ${await issuer.accessToken({ exp: 1 })}`,
      401,
      'ERR_TOKEN_EXPIRED',
    ],
    ['a malformed header', () => 'Bearer', 400, 'ERR_CREDENTIAL_REQUEST'],
  ])(
    'refuses %s, and asks no further strategy about the cookie beside it',
    async (_name, value, status, code) => {
      const get = await start();
      for (const path of ['mine', 'optional']) {
        const headers = { authorization: await value(), cookie: 'session=cook' };
        expect(await get(path, headers)).toMatchObject({ status, body: { status, code } });
      }
      expect(asked).toEqual([]);
      expect(reached).toEqual([]);
    },
  );

  it('lets a good token decide over a cookie', async () => {
    const get = await start();
    const headers = { ...(await bearer()), cookie: 'session=cook' };
    expect(await get('mine', headers)).toMatchObject({ body: { subject: 'user|1' } });
    expect(await get('items', headers)).toMatchObject({ status: 403 });
    expect(asked).toEqual([]);
  });

  it('answers 503 for a token that cannot be checked, whatever the cookie', async () => {
    const dead = await deadIssuer();
    const get = await start([issuer.issuer, dead]);
    const headers = { ...(await bearer({ iss: dead })), cookie: 'session=cook' };
    expect(await get('mine', headers)).toMatchObject({ status: 503, challenge: null });
    expect(asked).toEqual([]);
  });

  it('answers 401 with the bare challenge when no strategy knows who it is', async () => {
    const get = await start();
    for (const headers of [{}, { cookie: 'session=ended' }, { authorization: 'Basic dTpw' }]) {
      expect(await get('mine', headers)).toMatchObject({
        status: 401,
        challenge: bare,
        body: { code: 'ERR_NO_CREDENTIAL' },
      });
    }
  });

  it('lets anybody in where authentication is optional, but nobody with a header that no strategy took', async () => {
    const get = await start();
    expect(await get('optional')).toMatchObject({ status: 200, body: { subject: 'nobody', isUser: true } });
    expect(await get('optional', { cookie: 'session=guest' })).toMatchObject({
      body: { subject: 'session|guest' },
    });
    expect(await get('optional', { cookie: 'session=ended' })).toMatchObject({ body: { subject: 'nobody' } });
    expect(await get('optional', { authorization: 'Basic dTpw' })).toMatchObject({ status: 401 });
    expect(reached).toEqual(['nobody', 'session|guest', 'nobody']);
  });

  it('asks nobody on a public route', async () => {
    const get = await start();
    const headers = { authorization: 'Bearer garbage', cookie: 'session=broken' };
    expect(await get('public', headers)).toMatchObject({ status: 200, body: { subject: 'nobody' } });
    expect(asked).toEqual([]);
  });

  it('asks no further strategy where none is named', async () => {
    const get = await start();
    expect(await get('tokens', { cookie: 'session=cook' })).toMatchObject({ status: 401 });
    expect(asked).toEqual([]);
  });

  it('keeps further strategies in a subclass', async () => {
    const get = await start();
    expect(await get('heir/mine', { cookie: 'session=guest' })).toMatchObject({ status: 200 });
    expect(await get('heir/stranger', { cookie: 'session=guest' })).toMatchObject({ status: 500 });
  });

  it('ends a stream of events when the caller that a further strategy vouched for expires', async () => {
    const { url, close } = await startApplication(kitchen(), adapter);
    onTestFinished(() => close());
    const answer = await fetch(`${url}/events`, { headers: { cookie: 'session=brief' } });
    expect(await answer.text()).toContain('data: session|brief');
  });

  it('sends to a login elsewhere whoever a strategy wants there, and knows them when they come back', async () => {
    const get = await start();
    events.length = 0;
    expect(await get('login?state=7')).toMatchObject({
      status: 303,
      location: 'https://login.example/authorize?state=7',
      body: { code: 'ERR_LOGIN_ELSEWHERE' },
    });
    expect(reached).toEqual([]);
    expect(events).toMatchObject([{ handler: 'KitchenController.login', refusal: { status: 303 } }]);
    expect(await get('login?code=of-the-cook')).toMatchObject({ body: { subject: 'session|cook' } });
    expect(await get('login', { cookie: 'session=guest' })).toMatchObject({
      body: { subject: 'session|guest' },
    });
    expect(await get('login', await bearer())).toMatchObject({ body: { subject: 'user|1' } });
    expect(await get('login', { authorization: 'Bearer garbage' })).toMatchObject({ status: 401 });
  });

  it('refuses to start for a strategy that nobody registered, and says who asks it', async () => {
    @Controller('lost')
    @FurtherStrategies('test-session', 'test-sesion')
    class LostController {
      @Get() @Authenticated() mine() {}
      @Get('other') @Authenticated() @FurtherStrategies('constructor') other() {}
      @Get('good') @Authenticated() @FurtherStrategies('test-session') good() {}
    }
    const module = { ...kitchen(), controllers: [LostController] };
    const starting = startApplication(module, adapter);
    await expect(starting).rejects.toThrow(
      [
        'These handlers ask strategies that Passport does not know:',
        '  LostController.mine: "test-sesion"',
        '  LostController.other: "constructor"',
        'It knows ',
      ].join('\n'),
    );
    await expect(starting).rejects.toThrow(/It knows .*"test-session"/);
  });

  it.each([
    ['succeeds with something that is no Caller', 'stranger'],
    ['breaks', 'mine'],
  ])('reaches no handler through a strategy that %s', async (_name, path) => {
    const get = await start();
    expect(await get(path, { cookie: 'session=broken' })).toMatchObject({
      status: 500,
      body: { detail: 'something went wrong on our side; it has been logged' },
    });
    expect(reached).toEqual([]);
  });

  it('tells observers of every decision, as the guard does', async () => {
    const get = await start();
    events.length = 0;
    await get('mine', { cookie: 'session=guest' });
    await get('items', await bearer());
    await get('public');
    expect(events).toMatchObject([
      {
        context: 'http',
        handler: 'KitchenController.mine',
        method: 'GET',
        caller: { subject: 'session|guest' },
      },
      { handler: 'KitchenController.items', caller: { subject: 'user|1' }, refusal: { status: 403 } },
      { handler: 'KitchenController.open', caller: undefined, refusal: undefined },
    ]);
  });

  it('keeps two applications of one process apart', async () => {
    const partner = await createTestIssuer({ algorithm: 'ES256', audience: issuer.audience });
    onTestFinished(() => partner.stop());
    const ours = await start();
    const theirs = await start([partner.issuer]);
    const headers = await bearer();
    expect(await ours('tokens', headers)).toMatchObject({ status: 200 });
    expect(await theirs('tokens', headers)).toMatchObject({ status: 401 });
    expect(await ours('tokens', headers)).toMatchObject({ status: 200 });
  });
});

describe('@FurtherStrategies', () => {
  it.each<[string, readonly unknown[]]>([
    ['no name', []],
    ['an empty name', ['']],
    ['a strategy itself', [{ authenticate() {} }]],
    ['ours, which is always first', ['test-session', 'portcullis']],
  ])('is refused where it stands with %s', (_name, names) => {
    expect(() => Reflect.apply(FurtherStrategies, undefined, names)).toThrow(
      /@FurtherStrategies (takes|comes)/,
    );
  });
});
