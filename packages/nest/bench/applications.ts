import { Controller, Get, UseGuards, type Type } from '@nestjs/common';
import { PortcullisModule, Public, RequirePermissions } from '@portcullis/nest';
import { createTestingApp, type TestingApp } from '@portcullis/nest/testing';
import type { TestIssuer } from '@portcullis/testing';
import { HandwrittenGuard } from './handwritten.guard.ts';

export const PERMISSION = 'read:items';

/** `/protected` and `/public`, behind the guard of this package. */
export function guardedApp({ issuer, audience }: TestIssuer): Promise<TestingApp> {
  return createTestingApp({
    module: class GuardedModule {},
    imports: [PortcullisModule.forRoot({ issuer, audience })],
    controllers: [controller('protected', RequirePermissions(PERMISSION)), controller('public', Public())],
  });
}

/** `/handwritten` with its own guard and `/bare` with none, in an application without this package. */
export function plainApp({ key }: TestIssuer): Promise<TestingApp> {
  const guard = new HandwrittenGuard(key.publicKey, PERMISSION);
  return createTestingApp({
    module: class PlainModule {},
    controllers: [controller('handwritten', UseGuards(guard)), controller('bare')],
  });
}

/** Decorators called by hand: Node strips types, but does not know decorators. */
function controller(path: string, ...decorators: readonly MethodDecorator[]): Type {
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
