import type { KoaContextWithOIDC } from 'oidc-provider';
import { formActionSource } from '../http/content-security-policy.ts';

/** Lets the library's own forms end where their redirects lead: back at the client. */
export async function formAction(ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> {
  await next();
  const target = targetOf(ctx);
  if (typeof target !== 'string' || ctx.status >= 400) return;
  const policy = ctx.response.get('Content-Security-Policy');
  ctx.set(
    'Content-Security-Policy',
    policy.replace("form-action 'self'", `form-action 'self' ${formActionSource(target)}`),
  );
}

function targetOf(ctx: KoaContextWithOIDC): unknown {
  // No route of the library's matched.
  if (Reflect.get(ctx, 'oidc') === undefined) return undefined;
  if (ctx.path === '/oidc/logout') return ctx.oidc.session?.state?.['postLogoutRedirectUri'];
  // Logging in as somebody else posts the former login away before it goes on to the client.
  if (ctx.path.startsWith('/authorize/')) return ctx.oidc.entities.Interaction?.params['redirect_uri'];
  return undefined;
}
