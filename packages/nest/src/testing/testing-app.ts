import type { DynamicModule, LoggerService, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { deferBodyParsing } from '../defer-body-parsing.ts';
import { handingKeysOver, type InProcess } from './in-process.ts';

/** A module of yours, listening on a free port of 127.0.0.1 with its real guard. */
export interface TestingApp {
  readonly app: NestFastifyApplication;
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

export interface TestingAppOptions {
  /** What your own `main.ts` does to the application before it listens. */
  readonly prepare?: (app: NestFastifyApplication) => void | Promise<void>;
  /**
   * Issuers whose keys are handed over, so that nothing is fetched: each that the application trusts, with all its
   * verifiers. Default: keys are fetched as ever.
   */
  readonly inProcess?: InProcess | readonly InProcess[];
  /** Default: nothing is logged. */
  readonly logger?: LoggerService | false;
}

/**
 * Starts a module on Fastify as an application would: bodies unread until its JsonBodyInterceptor asks,
 * nothing mocked. Close it after the tests.
 *
 * @throws whatever keeps the application from starting, such as a handler without a rule
 */
export async function createTestingApp(
  module: Type | DynamicModule,
  { prepare, inProcess, logger = false }: TestingAppOptions = {},
): Promise<TestingApp> {
  const app = await NestFactory.create<NestFastifyApplication>(
    module,
    new FastifyAdapter({ forceCloseConnections: true }),
    {
      bodyParser: false,
      abortOnError: false,
      logger,
      ...(inProcess && { instrument: { instanceDecorator: handingKeysOver([inProcess].flat()) } }),
    },
  );
  deferBodyParsing(app);
  try {
    await prepare?.(app);
    await app.listen(0, '127.0.0.1');
    return { app, url: await app.getUrl(), close: () => app.close() };
  } catch (error) {
    await app.close();
    throw error;
  }
}
