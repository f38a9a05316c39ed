import {
  Inject,
  Module,
  Optional,
  type DynamicModule,
  type NestModule,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import type { ApolloDriverConfig } from '@nestjs/apollo';
import { AbstractGraphQLDriver, GraphQLModule } from '@nestjs/graphql';
import type { Authenticator } from '@portcullis/http';
import { ContextDoors } from '../context-door.ts';
import { Gate } from '../gate.ts';
import { AUTHENTICATOR } from '../portcullis.options.ts';
import type { CallerNews } from '../websockets/caller-news.ts';
import { Entrance } from './entrance.ts';
import { openOnExpress } from './express-entrance.ts';
import { openOnFastify } from './fastify-entrance.ts';
import { GraphqlDoor } from './graphql-door.ts';
import { guardedOptions, hasSubscriptions, refuseOpenOptions } from './guarded-options.ts';
import { RefusedGraphqlFilter } from './refused.error.ts';
import { SchemaAudit } from './schema-audit.ts';
import { Subscriptions } from './subscriptions.ts';
import { ForgottenUpgrades, guardUpgrades } from './upgrades.ts';

export interface PortcullisGraphqlOptions {
  /**
   * Web origins, such as `https://menu.example`, whose pages may open a WebSocket for subscriptions. Default: only the
   * origin that serves them.
   */
  readonly origins?: readonly string[];
  /** Bytes that one message over such a WebSocket may have, the first one too. Default 1 MiB. */
  readonly maxPayload?: number;
  /**
   * Has what somebody subscribed to decided anew: a change feed is one. What the deny-list learns ends connections anyway,
   * and each event is decided before it is sent. Default none.
   */
  readonly news?: CallerNews | readonly CallerNews[];
}

const OPTIONS = Symbol('portcullis:graphql-options');

/**
 * Guards GraphQL, beside `GraphQLModule` with Apollo's driver: the credential is judged before an operation is parsed,
 * then every resolver by its own rule. The application refuses to start while a resolver has none, and unless
 * `GraphQLModule` has its field resolvers guarded (`fieldResolverEnhancers: ['guards']`).
 */
@Module({
  providers: [GraphqlDoor, SchemaAudit, { provide: APP_FILTER, useClass: RefusedGraphqlFilter }],
})
export class PortcullisGraphqlModule implements NestModule, OnApplicationBootstrap, OnModuleDestroy {
  private readonly modules: ModulesContainer;
  private readonly adapter: HttpAdapterHost;
  private readonly gate: Gate;
  private readonly authenticator: Authenticator;
  private readonly door: GraphqlDoor;
  private readonly audit: SchemaAudit;
  private readonly settings: PortcullisGraphqlOptions;
  private readonly subscriptions: Subscriptions[] = [];
  private readonly forgotten = new ForgottenUpgrades();

  constructor(
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(HttpAdapterHost) adapter: HttpAdapterHost,
    @Inject(Gate) gate: Gate,
    @Inject(AUTHENTICATOR) authenticator: Authenticator,
    @Inject(ContextDoors) doors: ContextDoors,
    @Inject(GraphqlDoor) door: GraphqlDoor,
    @Inject(SchemaAudit) audit: SchemaAudit,
    @Optional() @Inject(OPTIONS) settings: PortcullisGraphqlOptions = {},
  ) {
    this.modules = modules;
    this.adapter = adapter;
    this.gate = gate;
    this.authenticator = authenticator;
    this.door = door;
    this.audit = audit;
    this.settings = settings;
    doors.install(door);
  }

  /** @throws TypeError when an origin is none, or a length */
  static forRoot(options: PortcullisGraphqlOptions): DynamicModule {
    for (const origin of options.origins ?? []) {
      if (!URL.canParse(origin) || new URL(origin).origin !== origin)
        throw new TypeError(`an origin is written like "https://menu.example", and "${origin}" is not`);
    }
    const { maxPayload = 1 } = options;
    if (!Number.isSafeInteger(maxPayload) || maxPayload < 1)
      throw new TypeError('"maxPayload" is a whole number of bytes above 0');
    return { module: PortcullisGraphqlModule, providers: [{ provide: OPTIONS, useValue: options }] };
  }

  /**
   * The one moment after the global prefix is known and before any module mounts something.
   *
   * @throws TypeError when there is no GraphQLModule to guard
   */
  configure(): void {
    const guarded = this.graphqlModules();
    if (guarded.length === 0)
      throw new TypeError('PortcullisGraphqlModule has nothing to guard: import GraphQLModule beside it');
    for (const { graphQlAdapter } of guarded) this.guard(graphQlAdapter);
  }

  /** @throws TypeError when a schema answers with something that no guard sees */
  onApplicationBootstrap(): void {
    for (const { completeOptions } of this.graphqlModules())
      if (completeOptions?.schema) this.audit.check(completeOptions.schema);
  }

  onModuleDestroy(): void {
    for (const subscriptions of this.subscriptions) subscriptions.end();
  }

  private graphqlModules(): readonly GraphQLModule[] {
    return [...this.modules.values()].flatMap(({ metatype, instance }) =>
      metatype === GraphQLModule && instance instanceof GraphQLModule ? [instance] : [],
    );
  }

  /** Nest asks its driver to complete the options, and starts it with what comes back. */
  private guard(driver: AbstractGraphQLDriver<ApolloDriverConfig>): void {
    const complete = driver.mergeDefaultOptions.bind(driver);
    driver.mergeDefaultOptions = async (given) => {
      refuseOpenOptions(given);
      const completed = await complete(given);
      const entrance = new Entrance(this.gate, this.authenticator, completed.path ?? '/graphql');
      this.open(entrance);
      const subscriptions = new Subscriptions(entrance, this.door, [this.settings.news ?? []].flat());
      this.subscriptions.push(subscriptions);
      const start = driver.start.bind(driver);
      driver.start = async (options) => {
        await start(options);
        if (!hasSubscriptions(options)) return;
        const { path = '' } = guardUpgrades(driver, this.settings, (refusal) =>
          entrance.report(refusal),
        ).options;
        this.forgotten.attend(this.adapter.httpAdapter.getHttpServer(), path);
      };
      return guardedOptions(completed, entrance, subscriptions);
    };
  }

  private open(entrance: Entrance): void {
    const { httpAdapter } = this.adapter;
    if (httpAdapter.getType() === 'fastify') openOnFastify(httpAdapter.getInstance(), entrance);
    else openOnExpress(httpAdapter.getInstance(), entrance);
  }
}
