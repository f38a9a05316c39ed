import { ForbiddenException, UnauthorizedException } from '@nestjs/common';
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose';
import { keysAddress, PERMISSION, trust } from './hello.ts';

/** What jose makes of a token: signature, issuer, audience, times. */
export function joseVerification(): (token: string) => Promise<JWTPayload> {
  const { issuer, audience } = trust();
  const keys = createRemoteJWKSet(keysAddress());
  return async (token) => {
    try {
      return (await jwtVerify(token, keys, { issuer, audience })).payload;
    } catch {
      throw new UnauthorizedException();
    }
  };
}

export function requirePermission({ permissions }: JWTPayload): true {
  if (Array.isArray(permissions) && permissions.includes(PERMISSION)) return true;
  throw new ForbiddenException();
}
