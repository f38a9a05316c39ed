import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { ContextDoors } from './context-door.ts';
import { gatewaysOf } from './message-handler.ts';

/** A gateway that only sends has no handler, and needs to know whom it sends to all the same. */
@Injectable()
export class GatewayAudit implements OnApplicationBootstrap {
  private readonly discovery: DiscoveryService;
  private readonly doors: ContextDoors;

  constructor(
    @Inject(DiscoveryService) discovery: DiscoveryService,
    @Inject(ContextDoors) doors: ContextDoors,
  ) {
    this.discovery = discovery;
    this.doors = doors;
  }

  /** @throws TypeError naming the gateways that nothing guards, and the module to import */
  onApplicationBootstrap(): void {
    const gateways = gatewaysOf(this.discovery).map(({ name }) => name);
    if (gateways.length > 0 && this.doors.get('ws') === undefined)
      throw new TypeError(
        `Nothing guards the WebSocket gateways ${gateways.join(', ')}: import PortcullisWebSocketsModule of @portcullis/nest/websockets beside PortcullisModule`,
      );
  }
}
