import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  Module,
  type DynamicModule,
  type INestApplication,
  type LoggerService,
  type Provider,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, type AbstractHttpAdapter } from '@nestjs/core';
import {
  JsonBodyInterceptor,
  PortcullisModule,
  ProblemDetailsFilter,
  type PortcullisOptions,
} from '@portcullis/nest';
import { createTestingApp, type TestingApp } from '@portcullis/nest/testing';
import type { TestIssuer } from '@portcullis/testing';
import { onTestFinished } from 'vitest';

@Module({})
class AppModule {}

export interface Parts {
  readonly issuer: Pick<TestIssuer, 'issuer' | 'audience'>;
  readonly controllers: readonly Type[];
  readonly options?: Partial<PortcullisOptions>;
  readonly providers?: readonly Provider[];
  readonly logger?: LoggerService;
  /** Default Fastify. */
  readonly adapter?: 'fastify' | 'express' | AbstractHttpAdapter;
  readonly prepare?: (app: INestApplication) => void;
}

/** Every door of ours on both adapters. */
export const DOORS = (['guard', 'middleware'] as const).flatMap((door) =>
  (['fastify', 'express'] as const).map((adapter) => ({ door, adapter })),
);

export function appModule({ issuer, controllers, options, providers = [] }: Parts): DynamicModule {
  return {
    module: AppModule,
    imports: [PortcullisModule.forRoot({ issuer: issuer.issuer, audience: issuer.audience, ...options })],
    controllers: [...controllers],
    providers: [
      { provide: APP_FILTER, useClass: ProblemDetailsFilter },
      { provide: APP_INTERCEPTOR, useValue: new JsonBodyInterceptor() },
      ...providers,
    ],
  };
}

/** A real application with these controllers, closed when the test ends. */
export async function start(parts: Parts & { readonly adapter?: 'fastify' }): Promise<TestingApp>;
export async function start(parts: Parts): Promise<TestingApp<INestApplication>>;
export async function start(parts: Parts): Promise<TestingApp<INestApplication>> {
  const { logger = false, adapter = 'fastify', prepare } = parts;
  const app = await createTestingApp(appModule(parts), { logger, adapter, ...(prepare && { prepare }) });
  onTestFinished(() => app.close());
  return app;
}

/** The identifier of an issuer at which nobody answers. */
export async function deadIssuer(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/`;
}
