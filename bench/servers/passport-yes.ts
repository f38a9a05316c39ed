import { UseGuards } from '@nestjs/common';
import { AuthGuard, PassportModule } from '@nestjs/passport';
import passport from 'passport';
import { PERMISSION, serve } from './hello.ts';
import { PermissionGuard } from './permission.guard.ts';

/** What Passport itself costs in Nest on Express: a strategy that knows at once, and the second guard. */
process.env['HTTP_ADAPTER'] = 'express';

class YesStrategy extends passport.Strategy {
  override authenticate(): void {
    this.success({ permissions: [PERMISSION] });
  }
}

passport.use('yes', new YesStrategy());
await serve({
  imports: [PassportModule],
  ofProtected: [UseGuards(AuthGuard('yes'), new PermissionGuard())],
});
