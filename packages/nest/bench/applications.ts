import { Controller, Get, UseGuards, type Type } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { PortcullisModule, Public, RequirePermissions } from '@portcullis/nest';
import { PortcullisPassportGuard } from '@portcullis/nest/passport';
import { createTestingApp, type TestingApp } from '@portcullis/nest/testing';
import type { TestIssuer } from '@portcullis/testing';
import passport from 'passport';
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

/** `/through-passport`, behind the Passport door of this package. */
export function passportApp({ issuer, audience }: TestIssuer): Promise<TestingApp> {
  return createTestingApp({
    module: class PassportModule {},
    imports: [PortcullisModule.forRoot({ issuer, audience, door: PortcullisPassportGuard })],
    controllers: [controller('through-passport', RequirePermissions(PERMISSION))],
  });
}

/** Says yes at once: what is left is what Passport costs by itself. */
class YesStrategy extends passport.Strategy {
  override readonly name = 'yes';
  override authenticate(): void {
    this.success({});
  }
}

/** `/handwritten` with its own guard, `/passport` with Passport's that only says yes, and `/bare` with none, in an application without this package. */
export function plainApp({ key }: TestIssuer): Promise<TestingApp> {
  passport.use(new YesStrategy());
  const guard = new HandwrittenGuard(key.publicKey, PERMISSION);
  return createTestingApp({
    module: class PlainModule {},
    controllers: [
      controller('handwritten', UseGuards(guard)),
      controller('passport', UseGuards(AuthGuard('yes'))),
      controller('bare'),
    ],
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
