import { UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { PortcullisModule, Public, RequirePermissions } from '@portcullis/nest';
import { PortcullisPassportGuard } from '@portcullis/nest/passport';
import { createTestingApp, type TestingApp } from '@portcullis/nest/testing';
import type { TestIssuer } from '@portcullis/testing';
import passport from 'passport';
import { hello, PERMISSION } from '../../../bench/servers/hello.ts';
import { HandwrittenGuard } from './handwritten.guard.ts';

/** `/protected` and `/public`, behind the guard of this package. */
export function guardedApp({ issuer, audience }: TestIssuer): Promise<TestingApp> {
  return createTestingApp({
    module: class GuardedModule {},
    imports: [PortcullisModule.forRoot({ issuer, audience })],
    controllers: [hello('protected', [RequirePermissions(PERMISSION)]), hello('public', [Public()])],
  });
}

/** `/through-passport`, behind the Passport door of this package. */
export function passportApp({ issuer, audience }: TestIssuer): Promise<TestingApp> {
  return createTestingApp({
    module: class PassportModule {},
    imports: [PortcullisModule.forRoot({ issuer, audience, door: PortcullisPassportGuard })],
    controllers: [hello('through-passport', [RequirePermissions(PERMISSION)])],
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
      hello('handwritten', [UseGuards(guard)]),
      hello('passport', [UseGuards(AuthGuard('yes'))]),
      hello('bare', []),
    ],
  });
}
