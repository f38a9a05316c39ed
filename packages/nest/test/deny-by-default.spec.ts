import { All, Controller, Get, Post, Sse } from '@nestjs/common';
import {
  Authenticated,
  Public,
  RecentLogin,
  RequireAnyPermission,
  RequirePermissions,
  RouteAudit,
} from '@portcullis/nest';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from './app.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const starting = (...controllers: Parameters<typeof start>[0]['controllers']) =>
  start({ issuer, controllers });

describe('an application with handlers that say nothing', () => {
  @Controller('kitchen')
  class KitchenController {
    @Get() list() {}
    @Post('orders') order() {}
    @All('any') any() {}
    @Sse('events') events() {}
    @Get('menu') @Public() menu() {}
    notAHandler() {}
  }

  @Controller('cellar')
  class CellarController {
    @Get() wines() {}
  }

  it('refuses to start and names each of them', async () => {
    await expect(starting(KitchenController, CellarController)).rejects.toThrow(
      [
        'These handlers say nothing about who may call them:',
        '  KitchenController.list (GET)',
        '  KitchenController.order (POST)',
        '  KitchenController.any (ALL)',
        '  KitchenController.events (GET)',
        '  CellarController.wines (GET)',
        'Put @Public(), @Authenticated() or @RequirePermissions(…) on each, or on its class.',
      ].join('\n'),
    );
  });

  it('starts once each of them says something', async () => {
    @Controller('pantry')
    @Authenticated()
    class PantryController {
      @Get() @Public() list() {}
      @Post() @RequirePermissions('create:items') create() {}
      @Get('mine') mine() {}
    }
    const { app } = await starting(PantryController);
    expect(app.get(RouteAudit).routes).toMatchObject([
      { controller: 'PantryController', handler: 'list', method: 'GET', rule: { access: 'public' } },
      { handler: 'create', method: 'POST', rule: { allOf: ['create:items'], kinds: ['user', 'machine'] } },
      { handler: 'mine', method: 'GET', rule: { allOf: [], anyOf: [], kinds: ['user'] } },
    ]);
  });

  it('is not helped by a parent that says something about another handler', async () => {
    class Base {
      @Get('a') @Public() a() {}
    }
    @Controller('sub')
    class SubController extends Base {
      @Get('b') b() {}
    }
    await expect(starting(SubController)).rejects.toThrow('  SubController.b (GET)');
  });
});

describe('decorators that contradict each other', () => {
  it.each<[string, readonly MethodDecorator[], string]>([
    [
      '@Public and a permission',
      [Public(), RequirePermissions('a:b')],
      'is @Public and asks for a credential',
    ],
    ['@Public and @Authenticated', [Authenticated(), Public()], 'is @Public and asks for a credential'],
    ['@Public and @RecentLogin', [Public(), RecentLogin(60)], 'is @Public and asks for a credential'],
    [
      'two lists of permissions',
      [RequirePermissions('a:b'), RequirePermissions('c:d')],
      'has the same access decorator twice',
    ],
    [
      'two kinds of caller',
      [Authenticated(), Authenticated({ kind: 'machine' })],
      'has the same access decorator twice',
    ],
    ['two ages', [RecentLogin(60), RecentLogin(600)], 'has the same access decorator twice'],
  ])('refuse to start, naming the handler: %s', async (_case, decorators, why) => {
    class TornController {
      torn() {}
    }
    const descriptor = Object.getOwnPropertyDescriptor(TornController.prototype, 'torn') ?? {};
    for (const decorate of [Get(), ...decorators]) decorate(TornController.prototype, 'torn', descriptor);
    Controller('torn')(TornController);
    await expect(starting(TornController)).rejects.toThrow(`TornController.torn ${why}`);
  });
});

describe('a decorator that could protect nothing', () => {
  it.each<[string, () => unknown]>([
    ['no permission', () => Reflect.apply(RequirePermissions, undefined, [])],
    ['an empty permission', () => RequirePermissions('')],
    ['a permission of white space', () => RequireAnyPermission('a:b', ' ')],
    ['a permission that is no string', () => Reflect.apply(RequirePermissions, undefined, [['a:b']])],
    ['no kind', () => Authenticated({ kind: [] })],
    ['a kind nobody is', () => Reflect.apply(Authenticated, undefined, [{ kind: 'admin' }])],
    ['no age', () => RecentLogin(0)],
    ['an age without end', () => RecentLogin(Number.POSITIVE_INFINITY)],
    ['half a second', () => RecentLogin(0.5)],
  ])('is refused where it stands: %s', (_case, decorate) => {
    expect(decorate).toThrow(TypeError);
  });

  it('is refused on a property, a static method and one named by a symbol, which no route ever reaches', () => {
    const hidden = Symbol('hidden');
    class Place {
      static method() {}
      [hidden]() {}
    }
    const descriptor = Object.getOwnPropertyDescriptor(Place, 'method') ?? {};
    expect(() => Public()(Place, 'method', descriptor)).toThrow(TypeError);
    expect(() => Public()(Place.prototype, 'property', {})).toThrow(TypeError);
    const named = Object.getOwnPropertyDescriptor(Place.prototype, hidden) ?? {};
    expect(() => Public()(Place.prototype, hidden, named)).toThrow(TypeError);
  });
});
