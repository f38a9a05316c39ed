import type { KoaContextWithOIDC } from 'oidc-provider';
import { SYSTEM, type Actor } from '../changes/actor.ts';

/** Who has what was given out ended by a request to the provider, and why. */
export function whoEnds(ctx: KoaContextWithOIDC | undefined): Actor {
  if (!ctx) return SYSTEM;
  const { oidc } = ctx;
  const client = oidc?.client?.clientId;
  const about = { client, address: ctx.req.socket.remoteAddress };
  switch (oidc?.route) {
    case 'token':
      // Whoever presents something a second time may be a thief: nobody is named.
      return { ...SYSTEM, ...about, reason: 'code or refresh token used again' };
    case 'revocation':
      return { ...about, subject: `${client}@clients`, reason: 'revoked by its client' };
    default:
      return { ...about, subject: oidc?.session?.accountId ?? SYSTEM.subject };
  }
}

/** What every client got is then ended with the session, in one change, and no grant by itself. */
export function isWholeLogout(ctx: KoaContextWithOIDC | undefined): boolean {
  return ctx?.oidc?.route === 'end_session_confirm' && ctx.oidc.params?.['logout'] !== undefined;
}
