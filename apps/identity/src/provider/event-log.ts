import type { Log } from '@portcullis/service';
import type { EventEmitter } from 'node:events';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';

/** The provider's events as log lines: ids and reasons, no token, code or address. */
export function logEvents(provider: Provider, log: Log): void {
  const facts = (ctx: KoaContextWithOIDC) => ({
    client: ctx.oidc.client?.clientId,
    user: ctx.oidc.entities.Account?.accountId ?? ctx.oidc.session?.accountId,
    grantType: ctx.oidc.params?.['grant_type'],
  });
  const refused = (event: string) => (ctx: KoaContextWithOIDC, error: Error) => {
    if (!EXPECTED.has(error.message)) {
      log.warn({ ...facts(ctx), code: error.message, reason: reasonOf(error) }, event);
    }
  };

  provider.on('grant.success', (ctx) =>
    log.info({ ...facts(ctx), event: exchange('s', ctx) }, 'token issued'),
  );
  provider.on('grant.error', (ctx, error) => {
    if (EXPECTED.has(error.message)) return;
    const reused = reasonOf(error) === 'refresh token already used';
    const event = reused ? 'ferrt' : exchange('f', ctx);
    log.warn({ ...facts(ctx), event, code: error.message, reason: reasonOf(error) }, 'token refused');
  });
  provider.on('authorization.error', refused('authorization refused'));
  provider.on('revocation.error', refused('revocation refused'));
  provider.on('introspection.error', refused('introspection refused'));
  provider.on('device_authorization.error', refused('device refused'));
  provider.on('pushed_authorization_request.error', refused('pushed request refused'));
  provider.on('grant.revoked', (ctx, grant) => log.info({ ...facts(ctx), grant }, 'grant revoked'));
  provider.on('end_session.success', (ctx) => log.info(facts(ctx), 'logged out'));
  provider.on('server_error', (_ctx, error) => log.error({ err: error }, 'request failed'));
  // Koa writes to standard error by itself unless somebody listens.
  const koa: EventEmitter = provider;
  koa.on('error', (error: unknown) => log.error({ err: error }, 'request failed'));
}

/** Auth0's names for what was exchanged for a token, without the first letter: s for success, f for failure. */
const EXCHANGES: Readonly<Record<string, string>> = {
  authorization_code: 'eacft',
  refresh_token: 'ertft',
  client_credentials: 'eccft',
};

function exchange(outcome: 's' | 'f', { oidc }: KoaContextWithOIDC): string | undefined {
  const kind = EXCHANGES[String(oidc.params?.['grant_type'])];
  return kind && outcome + kind;
}
/** A device that waits; a JWT, which is answered for after oidc-provider has refused it. */
const EXPECTED = new Set(['authorization_pending', 'unsupported_token_type']);

function reasonOf(error: Error): string | undefined {
  const detail = 'error_detail' in error ? error.error_detail : undefined;
  if (typeof detail === 'string') return detail;
  const description = 'error_description' in error ? error.error_description : undefined;
  return typeof description === 'string' ? description : undefined;
}
