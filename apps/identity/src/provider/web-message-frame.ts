import type { KoaContextWithOIDC } from 'oidc-provider';
import { redirectOrigins } from '../clients/client-traits.ts';

/**
 * The only answer that may be framed is that of silent authentication, and only by the
 * client it is for. oidc-provider lets go of both framing headers for every web message; whatever
 * is not an answer to `prompt=none` gets them back.
 */
export async function webMessageFrame(ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> {
  await next();
  // A script allowed by its hash stands beside 'none', which then means nothing (CSP3, 6.7.2.3).
  const policy = ctx.response.get('Content-Security-Policy').replace("'none' 'sha256-", "'sha256-");
  ctx.set('Content-Security-Policy', policy);
  if (ctx.res.hasHeader('X-Frame-Options')) return;
  const { client, params } = ctx.oidc;
  const silent = params?.['prompt'] === 'none' && client !== undefined && client.applicationType === 'web';
  const ancestors = silent ? redirectOrigins(client) : [];
  if (ancestors.length === 0) ctx.set('X-Frame-Options', 'DENY');
  ctx.set(
    'Content-Security-Policy',
    `${policy};frame-ancestors ${ancestors.length === 0 ? "'none'" : ancestors.join(' ')}`,
  );
}
