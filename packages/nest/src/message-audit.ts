import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { ContextDoors } from './context-door.ts';
import { gatewaysOf, messageHandlersOf, type MessageHandler } from './message-handler.ts';

/** Stops the application while a handler of messages has no rule, or while nobody was installed to guard it. */
@Injectable()
export class MessageAudit implements OnModuleInit {
  private readonly discovery: DiscoveryService;
  private readonly doors: ContextDoors;

  constructor(
    @Inject(DiscoveryService) discovery: DiscoveryService,
    @Inject(ContextDoors) doors: ContextDoors,
  ) {
    this.discovery = discovery;
    this.doors = doors;
  }

  /** Every handler of every gateway and of every microservice controller, in the order of registration. */
  get handlers(): readonly MessageHandler[] {
    return messageHandlersOf(this.discovery);
  }

  /** @throws TypeError naming what is open, and what to write */
  onModuleInit(): void {
    const { handlers } = this;
    const uninstalled = [
      ...(gatewaysOf(this.discovery).length > 0 && !this.doors.get('ws') ? [UNINSTALLED.ws] : []),
      ...(handlers.some(({ context }) => context === 'rpc') && !this.doors.get('rpc')
        ? [UNINSTALLED.rpc]
        : []),
    ];
    if (uninstalled.length > 0) throw new TypeError(uninstalled.join('\n'));
    const open = handlers.filter(({ rule }) => rule === undefined);
    if (open.length > 0) throw new TypeError(describe(open));
  }
}

const UNINSTALLED = {
  ws: 'This application has WebSocket gateways that nobody guards: import PortcullisWebSocketsModule.forRoot({ origins: […] }) of @portcullis/nest/websockets beside PortcullisModule.',
  rpc: 'This application has microservice handlers that nobody guards: import PortcullisMicroservicesModule of @portcullis/nest/microservices beside PortcullisModule.',
};

function describe(open: readonly MessageHandler[]): string {
  return [
    'These handlers say nothing about who may call them:',
    ...open.map(
      ({ controller, handler, pattern, context }) => `  ${controller}.${handler} (${context} ${pattern})`,
    ),
    'Put @Public(), @Authenticated() or @RequirePermissions(…) on each, or on its class.',
  ].join('\n');
}
