import {
  Inject,
  Logger,
  Module,
  type DynamicModule,
  type FactoryProvider,
  type CanActivate,
  type ModuleMetadata,
  type NestModule,
  type OnModuleDestroy,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, DiscoveryModule, ModuleRef } from '@nestjs/core';
import { createAuthenticator, type Authenticator } from '@portcullis/http';
import type { Observer } from '@portcullis/tokens';
import { ContextDoors } from './context-door.ts';
import { Gate } from './gate.ts';
import { MiddlewareDoor } from './middleware-door.ts';
import { PortcullisGuard } from './portcullis.guard.ts';
import { AUTHENTICATOR, PORTCULLIS_OPTIONS, type PortcullisOptions } from './portcullis.options.ts';
import { RefusedFilter } from './refused.filter.ts';
import { RegisteredPaths } from './registered-paths.ts';
import { RouteAudit } from './route-audit.ts';

export interface PortcullisAsyncOptions {
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  readonly inject?: NonNullable<FactoryProvider['inject']>;
  readonly useFactory: FactoryProvider<PortcullisOptions | Promise<PortcullisOptions>>['useFactory'];
}

/** Injection token of what stands before every handler. */
const DOOR = Symbol('portcullis:door');

/**
 * Denies by default: every handler of the application needs a rule (@Public, @Authenticated,
 * @RequirePermissions, …), and the application refuses to start while one has none.
 */
@Module({})
export class PortcullisModule implements NestModule, OnModuleDestroy {
  private readonly authenticator: Authenticator;
  private readonly guard: CanActivate;

  constructor(@Inject(AUTHENTICATOR) authenticator: Authenticator, @Inject(DOOR) guard: CanActivate) {
    this.authenticator = authenticator;
    this.guard = guard;
  }

  /** The application refuses to start when the options could not protect anything. */
  static forRoot(options: PortcullisOptions): DynamicModule {
    return PortcullisModule.forRootAsync({ useFactory: () => options });
  }

  static forRootAsync({ imports = [], inject = [], useFactory }: PortcullisAsyncOptions): DynamicModule {
    return {
      module: PortcullisModule,
      global: true,
      imports: [DiscoveryModule, ...imports],
      providers: [
        { provide: PORTCULLIS_OPTIONS, inject, useFactory },
        { provide: AUTHENTICATOR, inject: [PORTCULLIS_OPTIONS], useFactory: createLoggingAuthenticator },
        { provide: DOOR, inject: [PORTCULLIS_OPTIONS, ModuleRef], useFactory: createDoor },
        { provide: APP_GUARD, useExisting: DOOR },
        { provide: APP_FILTER, useClass: RefusedFilter },
        Gate,
        ContextDoors,
        RegisteredPaths,
        RouteAudit,
      ],
      exports: [AUTHENTICATOR, Gate, ContextDoors, RouteAudit],
    };
  }

  /** Nest calls this right before it registers the routes. */
  configure(): void {
    if (this.guard instanceof MiddlewareDoor) this.guard.install();
  }

  onModuleDestroy(): void {
    this.authenticator.verifier.close();
  }
}

const DOORS = { guard: PortcullisGuard, middleware: MiddlewareDoor } as const;

function createDoor({ door = 'guard' }: PortcullisOptions, modules: ModuleRef): Promise<CanActivate> {
  const guard = typeof door === 'string' && Object.hasOwn(DOORS, door) ? DOORS[door] : door;
  if (typeof guard !== 'function')
    throw new TypeError(`door must be 'guard', 'middleware' or the class of a guard, not '${String(door)}'`);
  return modules.create<CanActivate>(guard);
}

/** Says in the log why keys cannot be had: a wrong issuer is found there. */
function createLoggingAuthenticator({ door: _door, ...options }: PortcullisOptions): Authenticator {
  const log = new Logger('Portcullis');
  const logging: Observer = { keysFailed: ({ message }) => log.warn(message) };
  return createAuthenticator({ ...options, observer: [logging, options.observer ?? []].flat() });
}
