import { Controller, Get, type Type } from '@nestjs/common';
import {
  Authenticated,
  OptionalAuthentication,
  Public,
  RecentLogin,
  RequireAnyPermission,
  RequirePermissions,
  RouteAudit,
} from '@portcullis/nest';
import { createInProcessIssuer, type InProcessIssuer } from '@portcullis/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { start } from './app.ts';

let issuer: InProcessIssuer;
beforeAll(async () => void (issuer = await createInProcessIssuer()));

const starting = (...controllers: readonly Type[]) =>
  start({ issuer, controllers, options: { jwks: issuer.jwks } });

/** Who may, in words: what the decorators of these controllers came to. */
async function rulesOf(...controllers: readonly Type[]): Promise<Record<string, string>> {
  const { app } = await starting(...controllers);
  return Object.fromEntries(
    app.get(RouteAudit).routes.map(({ controller, handler, rule }) => {
      if (rule.access !== 'caller') return [`${controller}.${handler}`, rule.access];
      const { kinds, allOf, anyOf, maxLoginAge } = rule;
      const age = maxLoginAge === undefined ? [] : [`within ${maxLoginAge} s`];
      return [`${controller}.${handler}`, [kinds.join('|'), ...allOf, ...anyOf, ...age].join(' ')];
    }),
  );
}

const ANYONE = 'user|machine';

describe('a method', () => {
  abstract class Crud {
    @Get('list') @RequirePermissions('read:all') list() {}
    @Get('one') @RequirePermissions('read:one') one() {}
    @Get('mine') @Authenticated() mine() {}
    abstract details(): void;
  }

  it('inherited from an abstract parent keeps the parent’s rule, whatever the class says', async () => {
    @Controller()
    @Public()
    class ItemsController extends Crud {
      @Get('details') details() {}
    }
    expect(await rulesOf(ItemsController)).toEqual({
      'ItemsController.details': 'public',
      'ItemsController.list': `${ANYONE} read:all`,
      'ItemsController.one': `${ANYONE} read:one`,
      'ItemsController.mine': 'user',
    });
  });

  it('overridden keeps the parent’s rule unless it declares its own, weaker or stronger', async () => {
    @Controller()
    class ItemsController extends Crud {
      @Get('list') override list() {}
      @Get('one') @OptionalAuthentication() override one() {}
      @Get('mine') @RequirePermissions('admin:all') override mine() {}
      @Get('details') @Public() details() {}
    }
    expect(await rulesOf(ItemsController)).toEqual({
      'ItemsController.list': `${ANYONE} read:all`,
      'ItemsController.one': 'optional',
      'ItemsController.mine': `${ANYONE} admin:all`,
      'ItemsController.details': 'public',
    });
  });

  it('overridden twice follows the nearest that declares', async () => {
    class Middle extends Crud {
      @Authenticated({ kind: 'machine' }) override list() {}
      details() {}
    }
    @Controller()
    class ItemsController extends Middle {
      @Get('list') override list() {}
      @Get('details') @Public() override details() {}
    }
    expect(await rulesOf(ItemsController)).toMatchObject({ 'ItemsController.list': 'machine' });
  });

  it('of one parent has the rule of each class that inherits it', async () => {
    class Shared {
      @Get() list() {
        return 'shared';
      }
    }
    @Controller('open')
    @Public()
    class OpenController extends Shared {}
    @Controller('closed')
    @RequirePermissions('a:b')
    class ClosedController extends Shared {}

    const { url } = await starting(OpenController, ClosedController);
    for (let round = 0; round < 2; round++) {
      expect((await fetch(`${url}/open`)).status).toBe(200);
      expect((await fetch(`${url}/closed`)).status).toBe(401);
    }
  });
});

it.each<[string, readonly MethodDecorator[]]>([
  ['above', [RequirePermissions('a:b'), RecentLogin(60), Get()]],
  ['below', [Get(), RecentLogin(60), RequirePermissions('a:b')]],
  ['around', [RecentLogin(60), Get(), RequirePermissions('a:b')]],
])('access decorators say the same %s the route', async (_where, decorators) => {
  class ItemsController {
    list() {}
  }
  const descriptor = Object.getOwnPropertyDescriptor(ItemsController.prototype, 'list') ?? {};
  for (const decorate of decorators.toReversed()) decorate(ItemsController.prototype, 'list', descriptor);
  Controller()(ItemsController);
  expect(await rulesOf(ItemsController)).toEqual({ 'ItemsController.list': `${ANYONE} a:b within 60 s` });
});

describe('@RecentLogin alone', () => {
  class Base {
    @Get('a') @RequirePermissions('a:b') a() {}
    @Get('b') @RecentLogin(600) @RequirePermissions('a:b') b() {}
    @Get('c') @RecentLogin(600) c() {}
    @Get('d') @Public() d() {}
  }

  it('on an override adds to what the parent asks for, and the nearest age holds', async () => {
    @Controller()
    @RequirePermissions('c:d')
    class ItemsController extends Base {
      @Get('a') @RecentLogin(60) override a() {}
      @Get('b') @RecentLogin(60) override b() {}
      @Get('c') @RecentLogin(60) override c() {}
      @Get('d') @RecentLogin(60) override d() {}
    }
    expect(await rulesOf(ItemsController)).toEqual({
      'ItemsController.a': `${ANYONE} a:b within 60 s`,
      'ItemsController.b': `${ANYONE} a:b within 60 s`,
      'ItemsController.c': `${ANYONE} c:d within 60 s`,
      'ItemsController.d': 'user within 60 s',
    });
  });

  it('adds nothing to a place that has decided before it is asked', async () => {
    @Controller()
    @RecentLogin(60)
    class ItemsController extends Base {
      @Get('mine') @Authenticated() mine() {}
    }
    expect(await rulesOf(ItemsController)).toMatchObject({
      'ItemsController.mine': 'user',
      'ItemsController.a': `${ANYONE} a:b`,
      'ItemsController.d': 'public',
    });
  });

  it('on a class adds to what its parent class asks for', async () => {
    @RequirePermissions('a:b')
    class Guarded {
      @Get() list() {}
    }
    @Controller()
    @RecentLogin(60)
    class ItemsController extends Guarded {}
    expect(await rulesOf(ItemsController)).toEqual({ 'ItemsController.list': `${ANYONE} a:b within 60 s` });
  });
});

describe('a mixin', () => {
  type Parent = new () => object;

  function Listable(base: Parent, permission: string) {
    class ListableMixin extends base {
      @Get('list') @RequirePermissions(permission) list() {}
    }
    return ListableMixin;
  }
  function Archived(base: Parent) {
    class ArchivedMixin extends base {
      @Get('archive') @RequireAnyPermission('read:archive') archive() {}
      @Get('list') @Authenticated() list() {}
    }
    return ArchivedMixin;
  }
  class Nothing {}

  it('that returns a class is a parent like any other: the outermost is the nearest', async () => {
    @Controller()
    @Public()
    class ItemsController extends Listable(Archived(Nothing), 'read:items') {}
    expect(await rulesOf(ItemsController)).toEqual({
      'ItemsController.list': `${ANYONE} read:items`,
      'ItemsController.archive': `${ANYONE} read:archive`,
    });
  });

  it('used twice has the rule of each use', async () => {
    @Controller('items')
    class ItemsController extends Listable(Nothing, 'read:items') {}
    @Controller('drinks')
    class DrinksController extends Listable(Nothing, 'read:drinks') {}
    expect(await rulesOf(ItemsController, DrinksController)).toEqual({
      'ItemsController.list': `${ANYONE} read:items`,
      'DrinksController.list': `${ANYONE} read:drinks`,
    });
  });

  /** As the TypeScript handbook writes mixins without inheritance. */
  function copy(target: Function, ...parents: readonly Function[]): void {
    for (const parent of parents) {
      for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(parent.prototype))) {
        if (name !== 'constructor') Object.defineProperty(target.prototype, name, descriptor);
      }
    }
  }

  class Readable {
    @Get('read') @RequirePermissions('read:items') read() {}
  }
  class Deletable {
    @Get('delete') @RequirePermissions('delete:items') delete() {}
  }

  it('that copies methods brings their rules along, also under the class’s own rule', async () => {
    @Controller()
    @Public()
    class ItemsController {}
    copy(ItemsController, Readable, Deletable);
    expect(await rulesOf(ItemsController)).toEqual({
      'ItemsController.read': `${ANYONE} read:items`,
      'ItemsController.delete': `${ANYONE} delete:items`,
    });
  });

  it('that copies a method from two classes which say different things refuses to start', async () => {
    @Controller()
    @Public()
    class ItemsController {}
    class Renamed {}
    copy(Renamed, Readable);
    const descriptor = Object.getOwnPropertyDescriptor(Renamed.prototype, 'read') ?? {};
    Public()(Renamed.prototype, 'read', descriptor);
    copy(ItemsController, Renamed);
    await expect(starting(ItemsController)).rejects.toThrow(
      'ItemsController.read was declared in several classes and copied here: say again on ItemsController.read what holds',
    );
    RequirePermissions('read:items')(ItemsController.prototype, 'read', descriptor);
    expect(await rulesOf(ItemsController)).toEqual({ 'ItemsController.read': `${ANYONE} read:items` });
  });
});

describe('a contradiction', () => {
  it.each<[string, readonly MethodDecorator[], string]>([
    ['two of the same', [Public(), Public()], 'TornController.torn has the same access decorator twice'],
    [
      'optional beside a demand',
      [OptionalAuthentication(), RequirePermissions('a:b')],
      'TornController.torn is @OptionalAuthentication and asks for more than that',
    ],
    [
      'optional beside public',
      [OptionalAuthentication(), Public()],
      'TornController.torn is @Public and asks for a credential',
    ],
    [
      'a login of machines',
      [Authenticated({ kind: 'machine' }), RecentLogin(60)],
      'TornController.torn is for machines alone and has @RecentLogin',
    ],
  ])('keeps the application from starting: %s', async (_case, decorators, why) => {
    class TornController {
      torn() {}
    }
    const descriptor = Object.getOwnPropertyDescriptor(TornController.prototype, 'torn') ?? {};
    for (const decorate of [Get(), ...decorators]) decorate(TornController.prototype, 'torn', descriptor);
    Controller('torn')(TornController);
    await expect(starting(TornController)).rejects.toThrow(why);
  });

  it('does so even where a nearer place decides', async () => {
    @Controller()
    @Public()
    @Authenticated()
    class TornController {
      @Get() @RequirePermissions('a:b') fine() {}
    }
    await expect(starting(TornController)).rejects.toThrow(
      'TornController is @Public and asks for a credential',
    );
  });

  it('does so across places: a recent login on top of a rule for machines', async () => {
    @Controller()
    @Authenticated({ kind: 'machine' })
    class RobotsController {
      @Get() @RecentLogin(60) list() {}
    }
    await expect(starting(RobotsController)).rejects.toThrow('RobotsController.list is for machines alone');
  });
});
