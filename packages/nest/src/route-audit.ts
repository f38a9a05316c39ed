import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import type { AccessRule } from '@portcullis/http';
import type { HandlerContext } from './access-event.ts';
import { gatewaysOf } from './called-class.ts';
import { ContextDoors } from './context-door.ts';
import { declaredHandlers, type DeclaredHandler } from './declared-handler.ts';
import { RegisteredPaths } from './registered-paths.ts';

/** One handler of the application and who may call it. */
export interface AuditedRoute extends DeclaredHandler {
  readonly rule: AccessRule;
}

/** Walks every handler of every context at start, and stops the application while one of them is not guarded. */
@Injectable()
export class RouteAudit implements OnModuleInit, OnApplicationBootstrap {
  private readonly modules: ModulesContainer;
  private readonly registered: RegisteredPaths;
  private readonly doors: ContextDoors;
  private audited: readonly AuditedRoute[] = [];

  constructor(
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(ApplicationConfig) config: ApplicationConfig,
    @Inject(HttpAdapterHost) adapter: HttpAdapterHost,
    @Inject(ContextDoors) doors: ContextDoors,
  ) {
    this.modules = modules;
    this.registered = new RegisteredPaths(config, modules, adapter);
    this.doors = doors;
  }

  /** Every handler: module by module, in the order of registration. */
  get routes(): readonly AuditedRoute[] {
    return this.audited;
  }

  /** @throws TypeError naming each handler without a rule, and what to write */
  onModuleInit(): void {
    const handlers = declaredHandlers(this.modules, this.registered);
    const open = handlers.filter(({ rule }) => rule === undefined);
    if (open.length > 0) throw new TypeError(withoutRule(open));
    this.audited = handlers.flatMap(({ rule, ...route }) => (rule ? [{ ...route, rule }] : []));
  }

  /**
   * Once every module had its turn to install the door of its context.
   *
   * @throws TypeError naming the handlers of a context that nothing guards, or gateways without any, and the module to
   *   import
   */
  onApplicationBootstrap(): void {
    for (const context of CONTEXTS) {
      const found = this.audited.filter((route) => route.context === context.type);
      if (found.length > 0 && this.doors.get(context.type) === undefined)
        throw new TypeError(withoutDoor(context, found));
    }
    // A gateway that only sends has no handler, and needs to know whom it sends to all the same.
    const gateways = gatewaysOf(this.modules).map(({ name }) => name);
    if (gateways.length > 0 && this.doors.get('ws') === undefined)
      throw new TypeError(
        `Nothing guards the WebSocket gateways ${gateways.join(', ')}: import PortcullisWebSocketsModule of @portcullis/nest/websockets beside PortcullisModule`,
      );
  }
}

interface Context {
  readonly type: HandlerContext;
  readonly handlers: string;
  /** What to import. */
  readonly module: string;
}

const CONTEXTS: readonly Context[] = [
  {
    type: 'graphql',
    handlers: 'GraphQL resolvers',
    module: 'PortcullisGraphqlModule of @portcullis/nest/graphql',
  },
  {
    type: 'ws',
    handlers: 'handlers of WebSocket messages',
    module: 'PortcullisWebSocketsModule of @portcullis/nest/websockets',
  },
  {
    type: 'rpc',
    handlers: 'handlers of microservice messages',
    module: 'PortcullisMicroservicesModule of @portcullis/nest/microservices',
  },
];

/** Sentence and list, as an error or a command shows it. */
export function withoutRule(open: readonly DeclaredHandler[]): string {
  return [
    'These handlers say nothing about who may call them:',
    ...open.map(listed),
    'Put @Public(), @Authenticated() or @RequirePermissions(…) on each, or on its class.',
  ].join('\n');
}

function withoutDoor({ handlers, module }: Context, found: readonly DeclaredHandler[]): string {
  return [
    `These are ${handlers}, and nothing guards that context:`,
    ...found.map(listed),
    `Import ${module} beside PortcullisModule, or remove the handlers.`,
  ].join('\n');
}

function listed({ context, controller, handler, method, paths }: DeclaredHandler): string {
  const place = { http: method, graphql: paths.join(), ws: `ws ${paths.join()}`, rpc: `rpc ${paths.join()}` };
  return `  ${controller}.${handler} (${place[context]})`;
}
