import {
  Inject,
  Logger,
  Module,
  type DynamicModule,
  type FactoryProvider,
  type ModuleMetadata,
  type CanActivate,
  type OnModuleDestroy,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, DiscoveryModule, ModuleRef } from '@nestjs/core';
import { createAuthenticator, type Authenticator } from '@portcullis/http';
import type { Observer } from '@portcullis/tokens';
import { ContextDoors } from './context-door.ts';
import { Gate } from './gate.ts';
import { PortcullisGuard } from './portcullis.guard.ts';
import { AUTHENTICATOR, PORTCULLIS_OPTIONS, type PortcullisOptions } from './portcullis.options.ts';
import { RefusedFilter } from './refused.filter.ts';
import { RouteAudit } from './route-audit.ts';

export interface PortcullisAsyncOptions {
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  readonly inject?: NonNullable<FactoryProvider['inject']>;
  readonly useFactory: FactoryProvider<PortcullisOptions | Promise<PortcullisOptions>>['useFactory'];
}

/**
 * Denies by default: every handler of the application needs a rule (@Public, @Authenticated,
 * @RequirePermissions, …), and the application refuses to start while one has none.
 */
@Module({})
export class PortcullisModule implements OnModuleDestroy {
  private readonly authenticator: Authenticator;

  constructor(@Inject(AUTHENTICATOR) authenticator: Authenticator) {
    this.authenticator = authenticator;
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
        { provide: APP_GUARD, inject: [PORTCULLIS_OPTIONS, ModuleRef], useFactory: createDoor },
        { provide: APP_FILTER, useClass: RefusedFilter },
        Gate,
        ContextDoors,
        RouteAudit,
      ],
      exports: [AUTHENTICATOR, Gate, ContextDoors, RouteAudit],
    };
  }

  onModuleDestroy(): void {
    this.authenticator.verifier.close();
  }
}

function createDoor({ door = 'guard' }: PortcullisOptions, modules: ModuleRef): Promise<CanActivate> {
  return modules.create<CanActivate>(door === 'guard' ? PortcullisGuard : door);
}

/** Says in the log why keys cannot be had: a wrong issuer is found there. */
function createLoggingAuthenticator(options: PortcullisOptions): Authenticator {
  const log = new Logger('Portcullis');
  const logging: Observer = { keysFailed: ({ message }) => log.warn(message) };
  return createAuthenticator({ ...options, observer: [logging, options.observer ?? []].flat() });
}
