import 'reflect-metadata';
import {
  Controller,
  Get,
  type DynamicModule,
  type INestApplication,
  type Provider,
  type Type,
} from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { onParentGone } from '../../scripts/parent.mjs';

/** What differs from server to server. Everything else is the same. */
export interface Hello {
  readonly imports?: NonNullable<DynamicModule['imports']>;
  /** A guard for the whole application. */
  readonly guard?: Provider;
  /** What the routes are decorated with. */
  readonly ofPublic?: readonly MethodDecorator[];
  readonly ofProtected?: readonly MethodDecorator[];
}

/** What the servers are told by their environment. */
export interface Trust {
  readonly issuer: string;
  readonly audience: string;
  /** Undefined: by discovery. */
  readonly jwksUri: string | undefined;
}

export const PERMISSION = 'read:items';

export function trust(): Trust {
  return {
    issuer: variable('ISSUER_URL'),
    audience: variable('AUDIENCE'),
    jwksUri: process.env['JWKS_URI'] || undefined,
  };
}

/** Where a server that knows no discovery finds the keys. */
export function keysAddress(): URL {
  return new URL(variable('JWKS_URI'));
}

function variable(name: string): string {
  const value = process.env[name];
  if (value) return value;
  console.error(`${name} is not set. The bench servers read PORT, ISSUER_URL, AUDIENCE and JWKS_URI.`);
  process.exit(1);
}

/** Serves `GET /public` and `GET /protected` on loopback, until the process ends. */
export async function serve({ imports = [], guard, ofPublic = [], ofProtected = [] }: Hello): Promise<void> {
  const port = Number(variable('PORT'));
  const app = await create({
    module: class HelloModule {},
    imports: [...imports],
    controllers: [hello('public', ofPublic), hello('protected', ofProtected)],
    providers: guard ? [guard] : [],
  });
  await app.listen(port, '127.0.0.1');
  console.log(`http://127.0.0.1:${port}`);
  answerQuestions();
  onParentGone(() => process.exit());
}

async function create(module: DynamicModule): Promise<INestApplication> {
  const options = { logger: ['error', 'warn'] as const };
  const settings = { ...options, logger: [...options.logger] };
  if (process.env['HTTP_ADAPTER'] === 'express') return NestFactory.create(module, settings);
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  return NestFactory.create(module, new FastifyAdapter(), settings);
}

/** `GET` of one path. Decorators called by hand: Node strips types, but does not know decorators. */
export function hello(path: string, decorators: readonly MethodDecorator[]): Type {
  class HelloController {
    hello(): { readonly message: string } {
      return { message: 'hello' };
    }
  }
  const { prototype } = HelloController;
  const method = Object.getOwnPropertyDescriptor(prototype, 'hello');
  Reflect.decorate([Get(), ...decorators], prototype, 'hello', method);
  Reflect.decorate([Controller(path)], HelloController);
  return HelloController;
}

export function everywhere(useValue: object): Provider {
  return { provide: APP_GUARD, useValue };
}

/** Microseconds of CPU on all threads, and bytes resident: asked by whoever measures. */
export interface Spent {
  readonly cpu: number;
  readonly resident: number;
}

function answerQuestions(): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: user + system, resident: process.memoryUsage.rss() } satisfies Spent);
  });
  process.on('disconnect', () => process.exit());
  process.send?.('listening');
}
