import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { Inject, Injectable, Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientTCP, Transport, type TcpOptions } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Gate, PortcullisModule, type AccessEvent, type PortcullisOptions } from '@portcullis/nest';
import { PortcullisMicroservicesModule, withAuthorization } from '@portcullis/nest/microservices';
import type { TestIssuer } from '@portcullis/testing';
import { onTestFinished } from 'vitest';

/** How the handlers are served. */
export type Serving = 'alone' | 'hybrid' | 'hybrid that inherits' | 'hybrid before its init';

export const servings: readonly Serving[] = ['alone', 'hybrid', 'hybrid that inherits'];

export interface Service {
  /** A client that sends this Authorization, or none. */
  client(authorization?: string): ClientTCP;
  /** As `client`, with packets' metadata as they are. */
  sending(metadata: Record<string, string>): ClientTCP;
  /** What the gate told of. */
  readonly events: readonly AccessEvent[];
}

export interface Parts {
  readonly issuer: Pick<TestIssuer, 'issuer' | 'audience'>;
  readonly controllers: readonly Type[];
  readonly options?: Partial<PortcullisOptions>;
  readonly imports?: readonly Type[];
  readonly providers?: NonNullable<DynamicModule['providers']>;
}

@Module({})
class ServiceModule {}

/** A real service on a free port of 127.0.0.1, closed when the test ends. */
export async function serve(serving: Serving, parts: Parts): Promise<Service> {
  const events: AccessEvent[] = [];
  @Injectable()
  class Watch {
    constructor(@Inject(Gate) gate: Gate) {
      gate.observe({ decided: (event) => void events.push(event) });
    }
  }
  const module: DynamicModule = {
    module: ServiceModule,
    imports: [
      PortcullisModule.forRoot({
        issuer: parts.issuer.issuer,
        audience: parts.issuer.audience,
        ...parts.options,
      }),
      ...(parts.imports ?? [PortcullisMicroservicesModule]),
    ],
    controllers: [...parts.controllers],
    providers: [Watch, ...(parts.providers ?? [])],
  };
  const address = { host: '127.0.0.1', port: await freePort() };
  const tcp: TcpOptions = { transport: Transport.TCP, options: address };
  await start(serving, module, tcp);
  const connected = (): ClientTCP => {
    const client = new ClientTCP(address);
    onTestFinished(() => client.close());
    return client;
  };
  return {
    events,
    client: (authorization) => withAuthorization(connected(), () => authorization),
    sending(metadata) {
      const client = connected();
      client.setOnDispatchHook((packet) => void (packet.metadata = metadata));
      return client;
    },
  };
}

async function start(serving: Serving, module: DynamicModule, tcp: TcpOptions): Promise<void> {
  const quiet = { logger: false, abortOnError: false } as const;
  if (serving === 'alone') {
    const service = await NestFactory.createMicroservice(module, { ...tcp, ...quiet });
    onTestFinished(() => service.close());
    await service.listen();
    return;
  }
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), quiet);
  onTestFinished(() => app.close());
  app.connectMicroservice(tcp, { inheritAppConfig: serving === 'hybrid that inherits' });
  await app.startAllMicroservices();
  if (serving !== 'hybrid before its init') await app.init();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
