import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Module, type INestApplication, type LoggerService, type Provider, type Type } from '@nestjs/common';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { deferBodyParsing, PortcullisModule, type PortcullisOptions } from '@portcullis/nest';
import { PortcullisGraphqlModule, type PortcullisGraphqlOptions } from '@portcullis/nest/graphql';
import type { TestIssuer } from '@portcullis/testing';
import { onTestFinished } from 'vitest';
import { kitchen } from './kitchen.ts';

export type Adapter = 'express' | 'fastify';

export const ADAPTERS: readonly Adapter[] = ['fastify', 'express'];

export interface Parts {
  readonly adapter: Adapter;
  readonly issuer: Pick<TestIssuer, 'issuer' | 'audience'>;
  readonly resolvers?: readonly Type[];
  readonly providers?: readonly Provider[];
  readonly controllers?: readonly Type[];
  /** Of PortcullisModule. */
  readonly options?: Partial<PortcullisOptions>;
  /** Of GraphQLModule. */
  readonly graphql?: Partial<ApolloDriverConfig>;
  /** Of PortcullisGraphqlModule; null leaves the module out. */
  readonly guarded?: PortcullisGraphqlOptions | null;
  readonly prepare?: (app: INestApplication) => void;
  /** Whether bodies are left unread until somebody asks. Default false, as Nest has it. */
  readonly deferBodies?: boolean;
  readonly logger?: LoggerService;
}

/** A real application whose GraphQL answers on a port of 127.0.0.1, closed when the test ends. */
export async function start({
  adapter,
  issuer,
  resolvers = kitchen,
  providers = [],
  controllers = [],
  options,
  graphql,
  guarded = {},
  prepare,
  deferBodies = false,
  logger,
}: Parts): Promise<{ app: INestApplication; url: string }> {
  @Module({
    imports: [
      ...(guarded === null ? [] : [PortcullisGraphqlModule.forRoot(guarded)]),
      GraphQLModule.forRoot<ApolloDriverConfig>({
        driver: ApolloDriver,
        autoSchemaFile: true,
        graphiql: false,
        fieldResolverEnhancers: ['guards'],
        ...graphql,
      }),
      PortcullisModule.forRoot({ issuer: issuer.issuer, audience: issuer.audience, ...options }),
    ],
    controllers: [...controllers],
    providers: [...resolvers, ...providers],
  })
  class GraphqlApp {}

  const app = await NestFactory.create(
    GraphqlApp,
    adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter({ forceCloseConnections: true }),
    { abortOnError: false, logger: logger ?? false, bodyParser: !deferBodies },
  );
  onTestFinished(() => app.close());
  if (deferBodies) deferBodyParsing(app);
  prepare?.(app);
  await app.listen(0, '127.0.0.1');
  return { app, url: `${(await app.getUrl()).replace('[::1]', '127.0.0.1')}/graphql` };
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly {
      readonly message: string;
      readonly path?: readonly (string | number)[];
      readonly extensions: Record<string, unknown> & { readonly problem: Record<string, unknown> };
    }[];
  };
  readonly text: string;
}

/** Posts one operation, or a batch. */
export async function ask(
  url: string,
  operation: string | object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(typeof operation === 'string' ? { query: operation } : operation),
  });
  return answered(response);
}

export async function answered(response: Response): Promise<Answered> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text), text };
}

/** The identifier of an issuer at which nobody answers. */
export async function deadIssuer(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/`;
}
