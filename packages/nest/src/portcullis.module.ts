import {
  Inject,
  Logger,
  Module,
  type DynamicModule,
  type FactoryProvider,
  type CanActivate,
  type InjectionToken,
  type ModuleMetadata,
  type NestModule,
  type OnModuleDestroy,
  type OnModuleInit,
  type Provider,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, ModuleRef, ModulesContainer } from '@nestjs/core';
import { createAuthenticator, type Authenticator, type AuthenticatorOptions } from '@portcullis/http';
import type { Observer } from '@portcullis/tokens';
import type { AccessObserver } from './access-event.ts';
import { ContextDoors } from './context-door.ts';
import { DeclarationAudit } from './declaration-audit.ts';
import { EventStreams } from './event-streams.ts';
import { Gate } from './gate.ts';
import { MessageGuards } from './message-guards.ts';
import { MiddlewareDoor } from './middleware-door.ts';
import { PortcullisGuard } from './portcullis.guard.ts';
import {
  AUTHENTICATOR,
  NAMED_AUTHENTICATORS,
  optionsOfModule,
  PORTCULLIS_OPTIONS,
  type PortcullisOptions,
  type PortcullisOptionsFactory,
} from './portcullis.options.ts';
import { RefusedFilter } from './refused.filter.ts';
import { ReplacedHandlers } from './replaced-handlers.ts';
import { RouteAudit } from './route-audit.ts';

/** Where the options come from: one of a function, a class to make, or a provider that is there. */
export type PortcullisAsyncOptions = {
  /** Modules whose providers are needed for that. */
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
} & (OptionsFromFactory | OptionsFromClass | OptionsFromProvider);

interface OptionsFromFactory {
  readonly inject?: NonNullable<FactoryProvider['inject']>;
  readonly useFactory: FactoryProvider<PortcullisOptions | Promise<PortcullisOptions>>['useFactory'];
}

interface OptionsFromClass {
  readonly useClass: Type<PortcullisOptionsFactory>;
}

interface OptionsFromProvider {
  readonly useExisting: InjectionToken<PortcullisOptionsFactory>;
}

/** Injection token of what stands before every handler. */
const DOOR = Symbol('portcullis:door');

/**
 * Denies by default: every handler of the application needs a rule (@Public, @Authenticated,
 * @RequirePermissions, …), and the application refuses to start while one has none.
 */
@Module({})
export class PortcullisModule implements NestModule, OnModuleInit, OnModuleDestroy {
  private readonly authenticators: readonly Authenticator[];
  private readonly guard: CanActivate;
  private readonly modules: ModulesContainer;
  private readonly accessObservers: readonly AccessObserver[];

  constructor(
    @Inject(AUTHENTICATOR) authenticator: Authenticator,
    @Inject(NAMED_AUTHENTICATORS) named: ReadonlyMap<string, Authenticator>,
    @Inject(DOOR) guard: CanActivate,
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(Gate) gate: Gate,
    @Inject(PORTCULLIS_OPTIONS) { accessObserver = [] }: PortcullisOptions,
  ) {
    this.authenticators = [authenticator, ...named.values()];
    this.guard = guard;
    this.modules = modules;
    this.accessObservers = [accessObserver].flat();
    for (const observer of this.accessObservers) gate.observe(observer);
  }

  /** The application refuses to start when the options could not protect anything. */
  static forRoot(options: PortcullisOptions): DynamicModule {
    return PortcullisModule.forRootAsync({ useFactory: () => options });
  }

  /** @throws TypeError when it is not told where the options come from */
  static forRootAsync(options: PortcullisAsyncOptions): DynamicModule {
    const { imports = [] } = options;
    return {
      module: PortcullisModule,
      global: true,
      imports: [...imports],
      providers: [
        ...optionsProviders(options),
        { provide: AUTHENTICATOR, inject: [PORTCULLIS_OPTIONS], useFactory: createLoggingAuthenticator },
        {
          provide: NAMED_AUTHENTICATORS,
          inject: [PORTCULLIS_OPTIONS, AUTHENTICATOR],
          useFactory: createNamedAuthenticators,
        },
        { provide: DOOR, inject: [PORTCULLIS_OPTIONS, ModuleRef], useFactory: createDoor },
        { provide: APP_GUARD, useExisting: DOOR },
        { provide: APP_FILTER, useClass: RefusedFilter },
        Gate,
        ContextDoors,
        RouteAudit,
        DeclarationAudit,
        MessageGuards,
        ReplacedHandlers,
        EventStreams,
      ],
      exports: [AUTHENTICATOR, NAMED_AUTHENTICATORS, Gate, ContextDoors, RouteAudit],
    };
  }

  /** Nest calls this right before it registers the routes. */
  configure(): void {
    if (this.guard instanceof MiddlewareDoor) this.guard.install();
  }

  /** @throws TypeError when the application has two of these: each request would be asked for both their tokens */
  onModuleInit(): void {
    const imported = [...this.modules.values()].filter(({ metatype }) => metatype === PortcullisModule);
    if (imported.length > 1) {
      throw new TypeError(
        'PortcullisModule is imported more than once: call forRoot in one module, and name further verifiers in its option "verifiers"',
      );
    }
  }

  onModuleDestroy(): void {
    for (const { verifier } of this.authenticators) verifier.close();
    for (const observer of this.accessObservers) observer.close?.();
  }
}

const DOORS = { guard: PortcullisGuard, middleware: MiddlewareDoor } as const;

function createDoor({ door = 'guard' }: PortcullisOptions, modules: ModuleRef): Promise<CanActivate> {
  const guard = typeof door === 'string' && Object.hasOwn(DOORS, door) ? DOORS[door] : door;
  if (typeof guard !== 'function')
    throw new TypeError(`door must be 'guard', 'middleware' or the class of a guard, not '${String(door)}'`);
  return modules.create<CanActivate>(guard);
}

function optionsProviders(options: PortcullisAsyncOptions): readonly Provider[] {
  if ('useFactory' in options) return [optionsProvider(options.inject ?? [], options.useFactory)];
  const factory =
    'useClass' in options ? options.useClass : 'useExisting' in options ? options.useExisting : undefined;
  if (factory === undefined)
    throw new TypeError('PortcullisModule.forRootAsync takes useFactory, useClass or useExisting');
  const made = optionsProvider([factory], (from: PortcullisOptionsFactory) => from.createPortcullisOptions());
  return 'useClass' in options ? [options.useClass, made] : [made];
}

function optionsProvider(
  inject: NonNullable<FactoryProvider['inject']>,
  useFactory: OptionsFromFactory['useFactory'],
): Provider {
  return {
    provide: PORTCULLIS_OPTIONS,
    inject,
    useFactory: async (...found: Parameters<typeof useFactory>) =>
      optionsOfModule(await useFactory(...found)),
  };
}

/** Says in the log why keys cannot be had: a wrong issuer is found there. */
function createLoggingAuthenticator(options: AuthenticatorOptions): Authenticator {
  const log = new Logger('Portcullis');
  const logging: Observer = { keysFailed: ({ message }) => log.warn(message) };
  return createAuthenticator({ ...options, observer: [logging, options.observer ?? []].flat() });
}

/** @throws TypeError naming the verifier whose options could not protect anything; then none is left running */
function createNamedAuthenticators(
  { verifiers = {}, production, observer }: PortcullisOptions,
  main: Authenticator,
): ReadonlyMap<string, Authenticator> {
  const shared = {
    ...(production === undefined ? {} : { production }),
    ...(observer === undefined ? {} : { observer }),
  };
  const named = new Map<string, Authenticator>();
  for (const [name, options] of Object.entries(verifiers)) {
    try {
      named.set(name, createLoggingAuthenticator({ ...shared, ...options }));
    } catch (cause) {
      for (const { verifier } of [main, ...named.values()]) verifier.close();
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new TypeError(`the verifier "${name}": ${why}`, { cause });
    }
  }
  return named;
}
