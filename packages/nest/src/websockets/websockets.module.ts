import {
  Inject,
  Module,
  type DynamicModule,
  type FactoryProvider,
  type ModuleMetadata,
  type OnModuleInit,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { gatewaysOf } from '../called-class.ts';
import { messageHandlersOf } from '../message-handler.ts';
import { Connections } from './connections.ts';
import { AUTHENTICATE } from './credential-message.ts';
import { GuardedServers } from './guarded-servers.ts';
import { WEBSOCKETS_SETTINGS, webSocketsSettings, type WebSocketsOptions } from './websockets.options.ts';
import { WsDoor } from './ws.door.ts';

export interface WebSocketsAsyncOptions {
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  readonly inject?: NonNullable<FactoryProvider['inject']>;
  readonly useFactory: FactoryProvider<WebSocketsOptions | Promise<WebSocketsOptions>>['useFactory'];
}

/**
 * Guards WebSocket gateways: deny by default, as everywhere. Goes with `GuardedAdapter`, without which an application
 * that has gateways refuses to start.
 */
@Module({})
export class PortcullisWebSocketsModule implements OnModuleInit {
  private readonly modules: ModulesContainer;
  private readonly servers: GuardedServers;

  constructor(
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(GuardedServers) servers: GuardedServers,
  ) {
    this.modules = modules;
    this.servers = servers;
  }

  /** The application refuses to start when an option is wrong. */
  static forRoot(options: WebSocketsOptions = {}): DynamicModule {
    return PortcullisWebSocketsModule.forRootAsync({ useFactory: () => options });
  }

  static forRootAsync({ imports = [], inject = [], useFactory }: WebSocketsAsyncOptions): DynamicModule {
    return {
      module: PortcullisWebSocketsModule,
      imports: [...imports],
      providers: [
        {
          provide: WEBSOCKETS_SETTINGS,
          inject,
          useFactory: async (...given: unknown[]) => webSocketsSettings(await useFactory(...given)),
        },
        Connections,
        GuardedServers,
        WsDoor,
      ],
    };
  }

  /** @throws TypeError when gateways are served around the guard, or one would be handed credentials */
  onModuleInit(): void {
    if (gatewaysOf(this.modules).length > 0 && !this.servers.some)
      throw new TypeError(
        'WebSocket gateways are served around Portcullis: call app.useWebSocketAdapter(new GuardedAdapter(app, new WsAdapter(app))) before the application starts, with the adapter of your platform',
      );
    const [listener] = gatewaysOf(this.modules).flatMap((gateway) =>
      messageHandlersOf(gateway)
        .filter(({ message }) => message === AUTHENTICATE)
        .map(({ name }) => `${gateway.name}.${name}`),
    );
    if (listener !== undefined)
      throw new TypeError(
        `${listener} subscribes to "${AUTHENTICATE}", which carries credentials: call it otherwise`,
      );
  }
}
