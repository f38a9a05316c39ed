import { Controller, Get, Injectable, Module, UseGuards, type Type } from '@nestjs/common';
import {
  Authenticated,
  CurrentCaller,
  OptionalAuthentication,
  PortcullisGuard,
  PortcullisModule,
  Public,
  RequirePermissions,
  RouteAudit,
  UseVerifier,
  type Caller,
} from '@portcullis/nest';
import { PortcullisPassportGuard } from '@portcullis/nest/passport';
import { createTestingApp } from '@portcullis/nest/testing';
import { createInProcessIssuer, type InProcessIssuer } from '@portcullis/testing';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { start, type Parts } from './app.ts';

let issuer: InProcessIssuer;
beforeAll(async () => void (issuer = await createInProcessIssuer()));

const trusted = () => ({ issuer: issuer.issuer, audience: issuer.audience, jwks: issuer.jwks });
const starting = (controllers: readonly Type[], providers: NonNullable<Parts['providers']> = []) =>
  start({ issuer, controllers, providers, options: { jwks: issuer.jwks } });

describe('an application refuses to start with', () => {
  it.each<[string, MethodDecorator]>([
    ['@Public', Public()],
    ['@OptionalAuthentication', OptionalAuthentication()],
  ])('a caller that may be absent, on a handler with %s', async (_name, open) => {
    @Controller()
    class MenuController {
      @Get() @open list(@CurrentCaller() caller: Caller) {
        return caller.subject;
      }
    }
    await expect(starting([MenuController])).rejects.toThrow(
      'MenuController.list lets anonymous requests in and takes @CurrentCaller(): write @CurrentCaller({ optional: true })',
    );
  });

  it('the same, where an override opens what its parent had closed', async () => {
    class Closed {
      @Get() @Authenticated() list(@CurrentCaller() caller: Caller) {
        return caller.subject;
      }
    }
    @Controller()
    class MenuController extends Closed {
      @Get() @Public() override list(caller: Caller) {
        return caller.subject;
      }
    }
    await expect(starting([MenuController])).rejects.toThrow(
      'MenuController.list lets anonymous requests in',
    );
  });

  it('its guard put on a controller or a method once more', async () => {
    @Controller('one')
    @UseGuards(PortcullisGuard)
    class GuardedController {
      @Get() @Authenticated() list() {}
    }
    @Controller('two')
    class MenuController {
      @Get() @UseGuards(PortcullisGuard) @Authenticated() list() {}
    }
    const why =
      'has @UseGuards(PortcullisGuard), which PortcullisModule puts before every handler: remove it';
    await expect(starting([GuardedController])).rejects.toThrow(`GuardedController.list ${why}`);
    await expect(starting([MenuController])).rejects.toThrow(`MenuController.list ${why}`);
    @Controller('three')
    class PassportController {
      @Get() @UseGuards(PortcullisPassportGuard) @Authenticated() list() {}
    }
    await expect(starting([PassportController])).rejects.toThrow(
      'PassportController.list has @UseGuards(PortcullisPassportGuard), which',
    );
  });

  it('a decorator on what is no handler, in a controller or a provider, whoever makes that', async () => {
    @Controller()
    class MenuController {
      @Get() @Public() list() {}
      @RequirePermissions('delete:items') forgotten() {}
    }
    @Injectable()
    class MenuService {
      @UseVerifier('partner') remove() {}
    }
    const why = 'has an access decorator and is no handler, so that nothing asks for it';
    await expect(starting([MenuController])).rejects.toThrow(`MenuController.forgotten ${why}`);
    await expect(starting([], [MenuService])).rejects.toThrow(`MenuService.remove ${why}`);
    const made = { provide: 'menu', inject: [], useFactory: () => new MenuService() };
    await expect(starting([], [made])).rejects.toThrow(`MenuService.remove ${why}`);
  });

  it('the module imported twice', async () => {
    @Module({ imports: [PortcullisModule.forRoot(trusted())] })
    class ItemsModule {}
    @Module({ imports: [PortcullisModule.forRoot(trusted()), ItemsModule] })
    class AppModule {}
    await expect(createTestingApp(AppModule)).rejects.toThrow('PortcullisModule is imported more than once');
  });

  it('options from nowhere', () => {
    expect(() => Reflect.apply(PortcullisModule.forRootAsync, undefined, [{}])).toThrow(
      'PortcullisModule.forRootAsync takes useFactory, useClass or useExisting',
    );
  });
});

describe('an application starts with', () => {
  it('a base class whose method becomes a handler in some subclasses alone', async () => {
    abstract class Crud {
      @RequirePermissions('read:items') list() {}
    }
    @Controller('items')
    class ItemsController extends Crud {
      @Get() override list() {}
    }
    @Controller('drinks')
    class DrinksController extends Crud {
      @Get() @Public() menu() {}
    }
    const { url } = await starting([ItemsController, DrinksController]);
    expect((await fetch(`${url}/items`)).status).toBe(401);
    expect((await fetch(`${url}/drinks`)).status).toBe(200);
  });

  it('one module that two others import', async () => {
    const access = PortcullisModule.forRoot(trusted());
    @Module({ imports: [access] })
    class ItemsModule {}
    @Module({ imports: [access, ItemsModule] })
    class AppModule {}
    const { app, close } = await createTestingApp(AppModule);
    onTestFinished(close);
    expect(app.get(RouteAudit).routes).toEqual([]);
  });
});

describe('decorators without the module', () => {
  it('protect nothing, and a handler that needs its caller says what is missing', async () => {
    const logged: string[] = [];
    const note = (message: unknown, ...more: readonly unknown[]) =>
      void logged.push([message, ...more].join(' '));
    @Controller()
    class LonelyController {
      @Get() @Authenticated() mine(@CurrentCaller() caller: Caller) {
        return caller.subject;
      }
    }
    @Module({ controllers: [LonelyController] })
    class AppModule {}
    const { url, close } = await createTestingApp(AppModule, {
      logger: { log: note, warn: note, error: note },
    });
    onTestFinished(close);
    expect((await fetch(url)).status).toBe(500);
    expect(logged.join('\n')).toContain(
      'LonelyController.mine takes a caller, and there is none: import PortcullisModule',
    );
  });
});
