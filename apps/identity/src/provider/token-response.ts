import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { POLL_INTERVAL, type DevicePolls } from '../artifacts/device-polls.ts';
import { speaksAuth0 } from '../clients/client-traits.ts';
import { words } from './access-token-claims.ts';
import { grantedOidcScopes } from './access-token-dialect.ts';
import { auth0Refusal } from './auth0-refusal.ts';
import { ROUTES } from './routes.ts';

type Next = () => Promise<unknown>;

/**
 * Names every scope of the grant (RFC 6749, 5.1), tells devices how often to ask and slows down those that
 * ask more often (RFC 8628, 3.2 and 3.5), and answers Auth0's clients in Auth0's words.
 */
export function tokenResponse(options: { readonly auth0Dialect: boolean; readonly polls: DevicePolls }) {
  return async (ctx: KoaContextWithOIDC, next: Next): Promise<void> => {
    await next();
    if (!ENDPOINTS.has(ctx.path) || !isRecord(ctx.body)) return;
    if (ctx.status < 400) {
      ctx.body = completed(ctx, ctx.body);
      return;
    }
    const { client, params } = ctx.oidc;
    const tooSoon =
      ctx.body['error'] === 'authorization_pending' &&
      (await options.polls.tooSoon(String(params?.['device_code'])));
    const body = tooSoon ? SLOW_DOWN : client && !mayUseGrant(ctx, client) ? UNAUTHORIZED_CLIENT : ctx.body;
    const auth0 = client ? speaksAuth0(client, options.auth0Dialect) : options.auth0Dialect;
    const refusal = auth0 ? auth0Refusal(ctx, body) : undefined;
    if (refusal) ctx.status = refusal.status;
    ctx.body = refusal?.body ?? body;
  };
}

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const GRANTS: ReadonlySet<string> = new Set([
  'authorization_code',
  'refresh_token',
  'client_credentials',
  DEVICE_CODE,
]);

const SLOW_DOWN = {
  error: 'slow_down',
  error_description: 'wait five seconds longer before each further question',
};

/** RFC 6749, 5.2; oidc-provider says `invalid_request`. */
const UNAUTHORIZED_CLIENT = {
  error: 'unauthorized_client',
  error_description: 'the grant type is not allowed for this client',
};

const ENDPOINTS: ReadonlySet<string> = new Set([ROUTES.token, ROUTES.device_authorization]);

function completed(ctx: KoaContextWithOIDC, body: Record<string, unknown>): Record<string, unknown> {
  if (ctx.path === ROUTES.device_authorization) return { ...body, interval: POLL_INTERVAL };
  const api = typeof body['scope'] === 'string' ? words(body['scope']) : [];
  const scope = [...new Set([...grantedOidcScopes(ctx), ...api])].join(' ');
  const { scope: _, ...rest } = body;
  return scope ? { ...rest, scope } : rest;
}

function mayUseGrant(ctx: KoaContextWithOIDC, client: Client): boolean {
  const grantType = ctx.path === ROUTES.device_authorization ? DEVICE_CODE : ctx.oidc.params?.['grant_type'];
  return (
    ctx.status !== 400 ||
    typeof grantType !== 'string' ||
    !GRANTS.has(grantType) ||
    client.grantTypeAllowed(grantType)
  );
}

export function isRecord(body: unknown): body is Record<string, unknown> {
  return typeof body === 'object' && body !== null && !Buffer.isBuffer(body) && !('pipe' in body);
}
