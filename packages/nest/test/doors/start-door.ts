import { Module, type CanActivate, type DynamicModule, type Type } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  deferBodyParsing,
  JsonBodyInterceptor,
  PortcullisModule,
  ProblemDetailsFilter,
  type PortcullisOptions,
} from '@portcullis/nest';
import { PortcullisPassportGuard } from '@portcullis/nest/passport';

/** One way to protect an application, on one of Nest's adapters. */
export interface Cell {
  readonly door: keyof typeof doors;
  readonly adapter: 'fastify' | 'express';
}

export const doors = {
  guard: 'guard',
  passport: PortcullisPassportGuard,
  middleware: 'middleware',
} as const satisfies Record<string, 'guard' | 'middleware' | Type<CanActivate>>;

export interface StartedDoor {
  /** Without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

@Module({})
class DoorModule {}

/** A real application behind this door, on a free port of 127.0.0.1. */
export function startDoor(
  { door, adapter }: Cell,
  controllers: readonly Type[],
  options: PortcullisOptions,
): Promise<StartedDoor> {
  const module: DynamicModule = {
    module: DoorModule,
    imports: [PortcullisModule.forRoot({ ...options, door: doors[door] })],
    controllers: [...controllers],
    providers: [
      { provide: APP_FILTER, useClass: ProblemDetailsFilter },
      { provide: APP_INTERCEPTOR, useValue: new JsonBodyInterceptor() },
    ],
  };
  return startApplication(module, adapter);
}

export async function startApplication(
  module: DynamicModule,
  adapter: Cell['adapter'],
): Promise<StartedDoor> {
  const app = await NestFactory.create(
    module,
    adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter(),
    { bodyParser: false, abortOnError: false, logger: false, forceCloseConnections: true },
  );
  deferBodyParsing(app);
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl(), close: () => app.close() };
}
