import { UseGuards } from '@nestjs/common';
import { AuthGuard, PassportModule } from '@nestjs/passport';
import jwksRsa from 'jwks-rsa';
import passport from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { keysAddress, serve, trust } from './hello.ts';
import { PermissionGuard } from './permission.guard.ts';

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

await serve({
  imports: [PassportModule],
  ofProtected: [UseGuards(AuthGuard('jwt'), new PermissionGuard())],
});
