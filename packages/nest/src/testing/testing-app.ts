import type { DynamicModule, INestApplication, LoggerService, Type } from '@nestjs/common';
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { deferBodyParsing } from '../defer-body-parsing.ts';
import { handingKeysOver, type InProcess } from './in-process.ts';

/** A module of yours, listening on a free port of 127.0.0.1 with its real guard. */
export interface TestingApp<App extends INestApplication = NestFastifyApplication> {
  readonly app: App;
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

export interface TestingAppOptions<App extends INestApplication = NestFastifyApplication> {
  /** What your own `main.ts` does to the application before it listens. */
  readonly prepare?: (app: App) => void | Promise<void>;
  /**
   * Issuers whose keys are handed over, so that nothing is fetched: each that the application trusts, with all its
   * verifiers. Default: keys are fetched as ever.
   */
  readonly inProcess?: InProcess | readonly InProcess[];
  /** Default: nothing is logged. */
  readonly logger?: LoggerService | false;
}

/** Which application `prepare` is given is said by the overloads. */
interface AnyOptions extends Pick<TestingAppOptions, 'logger' | 'inProcess'> {
  prepare?(app: INestApplication): void | Promise<void>;
  readonly adapter?: Adapter;
}

/** What serves it, by name or with settings of your own; its `@nestjs/platform-…` has to be installed. */
type Adapter = 'fastify' | 'express' | AbstractHttpAdapter;

/**
 * Starts a module as an application would: bodies unread until its JsonBodyInterceptor asks, nothing mocked. Close it
 * after the tests.
 *
 * @param options.adapter default `fastify`
 * @throws whatever keeps the application from starting, such as a handler without a rule
 */
export async function createTestingApp(
  module: Type | DynamicModule,
  options?: TestingAppOptions & { readonly adapter?: 'fastify' },
): Promise<TestingApp>;
export async function createTestingApp(
  module: Type | DynamicModule,
  options: TestingAppOptions<NestExpressApplication> & { readonly adapter: 'express' },
): Promise<TestingApp<NestExpressApplication>>;
export async function createTestingApp(
  module: Type | DynamicModule,
  options: TestingAppOptions<INestApplication> & { readonly adapter?: Adapter },
): Promise<TestingApp<INestApplication>>;
export async function createTestingApp(
  module: Type | DynamicModule,
  options: AnyOptions = {},
): Promise<TestingApp<INestApplication>> {
  const { inProcess, logger = false, adapter = 'fastify' } = options;
  const app = await NestFactory.create(
    module,
    typeof adapter === 'string' ? await ADAPTERS[adapter]() : adapter,
    {
      bodyParser: false,
      abortOnError: false,
      forceCloseConnections: true,
      logger,
      ...(inProcess && { instrument: { instanceDecorator: handingKeysOver([inProcess].flat()) } }),
    },
  );
  deferBodyParsing(app);
  try {
    await options.prepare?.(app);
    await app.listen(0, '127.0.0.1');
    return { app, url: await app.getUrl(), close: () => app.close() };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** Imported when asked for, so that each stays optional. */
const ADAPTERS = {
  fastify: async () => {
    const { FastifyAdapter } = await import('@nestjs/platform-fastify');
    return new FastifyAdapter({ forceCloseConnections: true });
  },
  express: async () => {
    const { ExpressAdapter } = await import('@nestjs/platform-express');
    return new ExpressAdapter();
  },
} as const;
