import type { IncomingMessage } from 'node:http';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { BrowserSessionStore } from '../people/browser-session-store.ts';

const PAGES = new Set(['authorization', 'resume', 'device_resume']);

/** Keeps with each session the browser that was seen with it, at every login and every return. */
export function sessionDevice(sessions: BrowserSessionStore) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> => {
    await next();
    // No route of the library's matched.
    if (Reflect.get(ctx, 'oidc') === undefined || !PAGES.has(ctx.oidc.route)) return;
    const { session } = ctx.oidc;
    if (session?.accountId === undefined || Reflect.get(session, 'destroyed') === true) return;
    await sessions.seen(session.uid, { userAgent: ctx.get('User-Agent'), address: clientAddress(ctx.req) });
  };
}

/** As Fastify found it out, by `TRUST_PROXY`; it leaves it on the request for middleware. */
function clientAddress(request: IncomingMessage): string {
  return 'ip' in request && typeof request.ip === 'string'
    ? request.ip
    : (request.socket.remoteAddress ?? 'unknown');
}
