import { hash } from 'node:crypto';
import { UnauthorizedException, type ExecutionContext } from '@nestjs/common';
import type { JWTPayload } from 'jose';
import { everywhere, serve } from './hello.ts';
import { joseVerification, requirePermission } from './jose-verification.ts';
import { tokenOf } from './token-of.ts';

/** The cache that is written most often: SHA-256 of the token, a Map, and little else checked. */
const verified = joseVerification();
const cache = new Map<string, JWTPayload>();

async function claimsOf(token: string): Promise<JWTPayload> {
  const digest = hash('sha256', token, 'base64url');
  const known = cache.get(digest) ?? (await verified(token));
  cache.set(digest, known);
  if ((known.exp ?? 0) < Date.now() / 1000) throw new UnauthorizedException();
  return known;
}

await serve({
  guard: everywhere({
    canActivate: async (context: ExecutionContext) => {
      const token = tokenOf(context);
      return token === undefined || requirePermission(await claimsOf(token));
    },
  }),
});
