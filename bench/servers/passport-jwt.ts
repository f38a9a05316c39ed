import { ForbiddenException, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { AuthGuard, PassportModule } from '@nestjs/passport';
import jwksRsa from 'jwks-rsa';
import passport from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { keysAddress, PERMISSION, serve, trust } from './hello.ts';

/** As tutorials have it: Nest on Express, passport-jwt, jwks-rsa, a second guard for permissions. */
process.env['HTTP_ADAPTER'] = 'express';
const { issuer, audience } = trust();
passport.use(
  'jwt',
  new Strategy(
    {
      secretOrKeyProvider: jwksRsa.passportJwtSecret({
        jwksUri: keysAddress().href,
        cache: true,
        rateLimit: true,
      }),
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      issuer,
      audience,
      algorithms: ['RS256'],
    },
    (claims: unknown, done: (error: null, user: unknown) => void) => done(null, claims),
  ),
);

class PermissionGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { user } = context.switchToHttp().getRequest<{ user: { permissions?: readonly string[] } }>();
    if (user.permissions?.includes(PERMISSION)) return true;
    throw new ForbiddenException();
  }
}

await serve({
  imports: [PassportModule],
  ofProtected: [UseGuards(AuthGuard('jwt'), new PermissionGuard())],
});
