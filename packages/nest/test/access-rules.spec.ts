import { Controller, Get } from '@nestjs/common';
import {
  Authenticated,
  CurrentCaller,
  Public,
  RecentLogin,
  RequireAnyPermission,
  RequirePermissions,
  type Caller,
} from '@portcullis/nest';
import { signInAs } from '@portcullis/nest/testing';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadIssuer, start } from './app.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

/** A decorator of somebody else's that puts a function of another name in the method's place. */
function Wrapped(): MethodDecorator {
  return (_target, _name, descriptor: PropertyDescriptor) => {
    const inner: unknown = descriptor.value;
    if (typeof inner !== 'function') throw new TypeError('not a method');
    const outer = function (this: unknown, ...parameters: unknown[]): unknown {
      return Reflect.apply(inner, this, parameters);
    };
    for (const key of Reflect.getMetadataKeys(inner))
      Reflect.defineMetadata(key, Reflect.getMetadata(key, inner), outer);
    Object.defineProperty(outer, 'name', { value: 'open' });
    descriptor.value = outer;
  };
}

@Controller()
@Public()
class OpenController {
  @Get('open') open() {}
  @Get('user') @Authenticated() user() {}
  @Get('machine') @Authenticated({ kind: 'machine' }) machine() {}
  @Get('either') @Authenticated({ kind: ['user', 'machine'] }) either() {}
  @Get('all') @RequirePermissions('a:b', 'c:d') all() {}
  @Get('any') @RequireAnyPermission('a:b', 'c:d') any() {}
  @Get('both') @RequirePermissions('a:b') @RequireAnyPermission('c:d', 'e:f') both() {}
  @Get('users-with') @RequirePermissions('a:b') @Authenticated() usersWith() {}
  @Get('recent') @RecentLogin(60) recent() {}
  @Get('recent-with') @RequirePermissions('a:b') @RecentLogin(60) recentWith() {}
  @Get('wrapped-below') @RequirePermissions('a:b') @Wrapped() wrappedBelow() {}
  @Wrapped() @Get('wrapped-above') @RequirePermissions('a:b') wrappedAbove() {}
}

@Controller('closed')
@RequirePermissions('a:b')
class ClosedController {
  @Get() inherited() {}
  @Get('open') @Public() open() {}
  @Get('user') @Authenticated() user() {}
  @Get('other') @RequirePermissions('c:d') other() {}
  @Get('recent') @RecentLogin(60) recent() {}
}

class Base {
  @Get('kept') @RequirePermissions('a:b') kept() {}
  @Get('overridden') @RequirePermissions('a:b') overridden() {}
  @Get('loosened') @RequirePermissions('a:b') loosened() {}
}

@Controller('sub')
@Public()
class SubController extends Base {
  @Get('overridden') override overridden() {}
  @Get('loosened') @Public() override loosened() {}
}

@RequirePermissions('a:b')
class GuardedBase {
  @Get() list() {}
}

@Controller('guarded')
class GuardedSubController extends GuardedBase {
  @Get('more') more() {}
}

const controllers = [OpenController, ClosedController, SubController, GuardedSubController];
const now = () => Math.floor(Date.now() / 1000);

const callers = {
  nobody: undefined,
  user: () => ({}),
  machine: () => ({ sub: 'test-client' }),
  a: () => ({ permissions: ['a:b'] }),
  c: () => ({ permissions: ['c:d'] }),
  ac: () => ({ permissions: ['a:b', 'c:d'] }),
  'machine with a': () => ({ sub: 'test-client', permissions: ['a:b'] }),
  'fresh user': () => ({ auth_time: now() }),
  'stale user': () => ({ auth_time: now() - 90 }),
  'user of tomorrow': () => ({ auth_time: now() + 3600 }),
  'fresh with a': () => ({ auth_time: now(), permissions: ['a:b'] }),
  'fresh machine with a': () => ({ sub: 'test-client', auth_time: now(), permissions: ['a:b'] }),
} as const;

type Name = keyof typeof callers;

describe.each<[string, Partial<Record<Name, number>>]>([
  ['open', { nobody: 200, user: 200, machine: 200 }],
  ['user', { nobody: 401, user: 200, machine: 403, 'machine with a': 403 }],
  ['machine', { nobody: 401, user: 403, machine: 200 }],
  ['either', { nobody: 401, user: 200, machine: 200 }],
  ['all', { nobody: 401, user: 403, a: 403, c: 403, ac: 200, 'machine with a': 403 }],
  ['any', { nobody: 401, user: 403, a: 200, c: 200, ac: 200, 'machine with a': 200 }],
  ['both', { nobody: 401, a: 403, c: 403, ac: 200 }],
  ['users-with', { nobody: 401, user: 403, a: 200, 'machine with a': 403 }],
  [
    'recent',
    {
      nobody: 401,
      user: 401,
      'fresh user': 200,
      'stale user': 401,
      'user of tomorrow': 401,
      'fresh machine with a': 403,
    },
  ],
  [
    'recent-with',
    { nobody: 401, 'fresh user': 403, a: 401, 'fresh with a': 200, 'fresh machine with a': 403 },
  ],
  ['wrapped-below', { nobody: 401, user: 403, a: 200 }],
  ['wrapped-above', { nobody: 401, user: 403, a: 200 }],
  ['closed', { nobody: 401, user: 403, a: 200, 'machine with a': 200 }],
  ['closed/open', { nobody: 200 }],
  ['closed/user', { nobody: 401, user: 200, 'machine with a': 403 }],
  ['closed/other', { a: 403, c: 200 }],
  [
    'closed/recent',
    { nobody: 401, 'fresh user': 403, a: 401, 'fresh with a': 200, 'fresh machine with a': 403 },
  ],
  ['sub/kept', { nobody: 401, user: 403, a: 200 }],
  ['sub/overridden', { nobody: 401, user: 403, a: 200 }],
  ['sub/loosened', { nobody: 200 }],
  ['guarded', { nobody: 401, user: 403, a: 200 }],
  ['guarded/more', { nobody: 401, user: 403, a: 200 }],
])('GET /%s', (path, verdicts) => {
  it(`answers ${JSON.stringify(verdicts)}`, async () => {
    const { url } = await start({ issuer, controllers });
    const seen: Partial<Record<string, number>> = {};
    for (const name of Object.keys(verdicts)) {
      const claims = Object.entries(callers).find(([known]) => known === name)?.[1];
      const headers = claims ? { ...(await signInAs(issuer, claims())) } : {};
      seen[name] = (await fetch(`${url}/${path}`, { headers })).status;
    }
    expect(seen).toEqual(verdicts);
  });
});

describe('@Public', () => {
  it.each<[string, () => string | Promise<string>]>([
    ['garbage', () => 'Bearer garbage'],
    ['a broken header', () => 'Bearer a b c'],
    ['an expired token', async () => `Bearer ${await issuer.accessToken({ exp: 1 })}`],
    ['a token of a dead issuer', async () => `Bearer ${await issuer.accessToken()}`],
    ['Basic', () => 'Basic dXNlcjpwYXNz'],
  ])('looks at no credential, not even at %s', async (_case, authorization) => {
    const options = { issuer: await deadIssuer(), audience: issuer.audience };
    const { url } = await start({ issuer: options, controllers });
    const headers = { authorization: await authorization() };
    expect((await fetch(`${url}/open`, { headers })).status).toBe(200);
    expect((await fetch(`${url}/user`, { headers })).status).toBeGreaterThanOrEqual(400);
  });
});

describe('@CurrentCaller', () => {
  @Controller()
  class WhoController {
    @Get('who') @Authenticated() who(@CurrentCaller() caller: Caller) {
      return {
        subject: caller.subject,
        permissions: [...caller.permissions],
        frozen: Object.isFrozen(caller),
      };
    }
    @Get('public') @Public() open(@CurrentCaller({ optional: true }) caller: Caller | undefined) {
      return { caller: caller ?? null };
    }
  }

  it('is the caller, and holds no token', async () => {
    const { url } = await start({ issuer, controllers: [WhoController] });
    const headers = { ...(await signInAs(issuer, { sub: 'user|7', permissions: ['a:b'] })) };
    const response = await fetch(`${url}/who`, { headers });
    expect(await response.json()).toEqual({ subject: 'user|7', permissions: ['a:b'], frozen: true });
  });

  it('is undefined on a public route, even for somebody signed in', async () => {
    const { url } = await start({ issuer, controllers: [WhoController] });
    const headers = { ...(await signInAs(issuer)) };
    expect(await (await fetch(`${url}/public`, { headers })).json()).toEqual({ caller: null });
  });

  it('comes through app.inject as through a socket', async () => {
    const { app } = await start({ issuer, controllers: [WhoController] });
    const headers = { ...(await signInAs(issuer, { sub: 'user|8' })) };
    expect((await app.inject({ url: '/who', headers })).json()).toMatchObject({ subject: 'user|8' });
    expect((await app.inject({ url: '/who' })).statusCode).toBe(401);
  });
});
