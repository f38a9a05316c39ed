import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Post,
  VersioningType,
  Version,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  ContextDoors,
  listHandlers,
  Public,
  RequirePermissions,
  RouteAudit,
  ruleInWords,
} from '@portcullis/nest';
import { createTestingApp } from '@portcullis/nest/testing';
import { callerRule, optionalRule, publicRule } from '@portcullis/http';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { appModule, start } from './app.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const provided = (provider: Type, controllers: readonly Type[] = []) =>
  start({ issuer, controllers, providers: [provider] });

describe('the addresses of the audit are those that the router serves', () => {
  @Controller(['items', 'dishes'])
  class ItemsController {
    @Get(['', 'all']) @Public() list() {
      return 'list';
    }
    @Get('old') @Version('2') @Public() old() {
      return 'old';
    }
  }
  @Controller('orders')
  class OrdersController {
    @Post() @RequirePermissions('create:orders') order() {}
  }
  @Module({ controllers: [OrdersController] })
  class KitchenModule {}

  it('with a global prefix, versions, the path of a module, and several paths', async () => {
    const module = appModule({ issuer, controllers: [ItemsController] });
    const { app, url, close } = await createTestingApp(
      {
        ...module,
        imports: [
          ...(module.imports ?? []),
          KitchenModule,
          RouterModule.register([{ path: 'kitchen', module: KitchenModule }]),
        ],
      },
      {
        prepare: (created) => {
          created.setGlobalPrefix('api', { exclude: ['dishes/all'] });
          created.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
        },
      },
    );
    onTestFinished(close);
    const { routes } = app.get(RouteAudit);
    expect(routes.map(({ handler, method, paths }) => ({ handler, method, paths }))).toEqual([
      {
        handler: 'list',
        method: 'GET',
        paths: ['/api/v1/items', '/api/v1/items/all', '/api/v1/dishes', '/v1/dishes/all'],
      },
      { handler: 'old', method: 'GET', paths: ['/api/v2/items/old', '/api/v2/dishes/old'] },
      { handler: 'order', method: 'POST', paths: ['/api/v1/kitchen/orders'] },
    ]);
    for (const { method, paths, rule } of routes)
      for (const path of paths) {
        const { status } = await fetch(url + path, { method });
        expect(`${path}: ${status}`).toBe(`${path}: ${rule.access === 'public' ? 200 : 401}`);
      }
  });
});

describe('a handler of another context that says nothing refuses the start', () => {
  @Resolver('Item')
  class ItemsResolver {
    @Query() items() {}
    @ResolveField() price(@Parent() _item: unknown) {}
    formatted() {}
    @ResolveField('__resolveType') __resolveType() {}
  }
  @WebSocketGateway()
  class OrdersGateway {
    @SubscribeMessage('order') order() {}
    handleConnection() {}
  }
  @Controller()
  class MessagesController {
    @MessagePattern({ cmd: 'sum' }) sum() {}
    @EventPattern('made') made(_dish: unknown) {}
  }
  @Injectable()
  class NoGateway {
    @SubscribeMessage('never heard') order() {}
  }

  it.each<[string, Type, readonly Type[], readonly string[]]>([
    [
      'resolvers',
      ItemsResolver,
      [],
      ['  ItemsResolver.items (Query.items)', '  ItemsResolver.price (Item.price)'],
    ],
    ['gateways', OrdersGateway, [], ['  OrdersGateway.order (ws order)']],
    [
      'microservices',
      NoGateway,
      [MessagesController],
      ['  MessagesController.sum (rpc {"cmd":"sum"})', '  MessagesController.made (rpc made)'],
    ],
  ])('%s', async (_context, provider, controllers, named) => {
    await expect(provided(provider, controllers)).rejects.toThrow(
      ['These handlers say nothing about who may call them:', ...named, 'Put @Public()'].join('\n'),
    );
  });

  it('also when a factory made what has it', async () => {
    const providers = [{ provide: 'made', useFactory: () => new OrdersGateway() }];
    await expect(start({ issuer, controllers: [], providers })).rejects.toThrow(
      'OrdersGateway.order (ws order)',
    );
  });

  it('and one that is no handler does not', async () => {
    const { app } = await provided(NoGateway);
    expect(app.get(RouteAudit).routes).toEqual([]);
  });
});

describe('a context whose module was not imported refuses the start, whatever its handlers say', () => {
  @Resolver()
  @Public()
  class MenuResolver {
    @Query() menu() {}
  }
  @WebSocketGateway()
  @RequirePermissions('read:orders')
  class OrdersGateway {
    @SubscribeMessage('order') order() {}
  }
  @Controller()
  @RequirePermissions('read:orders')
  class MessagesController {
    @MessagePattern('sum') sum() {}
  }

  it.each<[string, readonly Type[], readonly Type[], string]>([
    [
      'PortcullisGraphqlModule of @portcullis/nest/graphql',
      [MenuResolver],
      [],
      '  MenuResolver.menu (Query.menu)',
    ],
    [
      'PortcullisWebSocketsModule of @portcullis/nest/websockets',
      [OrdersGateway],
      [],
      '  OrdersGateway.order (ws order)',
    ],
    [
      'PortcullisMicroservicesModule of @portcullis/nest/microservices',
      [],
      [MessagesController],
      '  MessagesController.sum (rpc sum)',
    ],
  ])('%s', async (module, providers, controllers, named) => {
    const starting = start({ issuer, providers, controllers });
    await expect(starting).rejects.toThrow(`\n${named}\nImport ${module} beside`);
  });
});

describe('a list of what does not run', () => {
  @Resolver()
  class MenuResolver {
    constructor() {
      throw new Error('nothing is made for a list');
    }
    @Query() @Public() menu() {}
  }
  @WebSocketGateway()
  class OrdersGateway {
    @SubscribeMessage('order') @RequirePermissions('create:orders') order() {}
  }
  @Controller('kitchen')
  class KitchenController {
    @Get() @Public() dishes() {}
    @MessagePattern({ cmd: 'sum' }) sum() {}
  }
  const module = () =>
    appModule({ issuer, controllers: [KitchenController], providers: [MenuResolver, OrdersGateway] });

  it('has every context, open handlers too, and makes nothing', async () => {
    expect(await listHandlers(module())).toMatchObject([
      { context: 'http', type: KitchenController, method: 'GET', paths: ['/kitchen'], rule: publicRule },
      { context: 'rpc', handler: 'sum', method: 'MESSAGE', paths: ['{"cmd":"sum"}'], rule: undefined },
      { context: 'graphql', handler: 'menu', method: 'QUERY', paths: ['Query.menu'], rule: publicRule },
      { context: 'ws', method: 'MESSAGE', paths: ['order'], rule: { allOf: ['create:orders'] } },
    ]);
  });

  it('is refused where no rule would hold', async () => {
    const unprotected = { ...module(), imports: [] };
    await expect(listHandlers(unprotected)).rejects.toThrow(/imports PortcullisModule nowhere/);
  });
});

it('a context is guarded once its module has installed a door, at the latest when modules are initialised', async () => {
  @Resolver()
  class MenuResolver {
    @Query() @Public() menu() {}
  }
  @Injectable()
  class DoorOfGraphql implements OnModuleInit {
    private readonly doors: ContextDoors;
    constructor(@Inject(ContextDoors) doors: ContextDoors) {
      this.doors = doors;
    }
    onModuleInit() {
      this.doors.install({ type: 'graphql', canActivate: () => false });
    }
  }
  const { app } = await start({ issuer, controllers: [], providers: [MenuResolver, DoorOfGraphql] });
  expect(app.get(RouteAudit).routes).toMatchObject([{ context: 'graphql', paths: ['Query.menu'] }]);
});

it.each([
  [publicRule, 'anybody'],
  [optionalRule, 'anybody; a credential that is sent must be good'],
  [undefined, 'nobody: no rule'],
  [callerRule({ kinds: ['user'] }), 'a user'],
  [callerRule({}), 'a user or machine'],
  [callerRule({ allOf: ['a:b', 'c:d'] }), 'a user or machine with a:b and c:d'],
  [callerRule({ anyOf: ['a:b', 'c:d'], kinds: ['machine'] }), 'a machine with one of a:b, c:d'],
  [callerRule({ allOf: ['a:b'], maxLoginAge: 600 }), 'a user with a:b, logged in within 600 s'],
])('a rule in words: %j', (rule, words) => {
  expect(ruleInWords(rule).whole).toBe(words);
});
