import type { KoaContextWithOIDC } from 'oidc-provider';
import { NO_CLIENT_GRANT, UNKNOWN_API } from './resource-indicator.ts';

interface Refusal {
  readonly status: number;
  readonly body: { readonly error: string; readonly error_description: string };
}

const INVALID_GRANT: Readonly<Record<string, string>> = {
  refresh_token: 'Unknown or invalid refresh token.',
  authorization_code: 'Invalid authorization code',
  'urn:ietf:params:oauth:grant-type:device_code': 'Invalid or expired device code.',
};

/** What Auth0's token endpoint answers where RFC 6749, 5.2 and RFC 8628, 3.5 have 400; undefined: the same. */
export function auth0Refusal(
  ctx: KoaContextWithOIDC,
  { error, error_description }: Readonly<Record<string, unknown>>,
): Refusal | undefined {
  const { params } = ctx.oidc;
  const grantType = String(params?.['grant_type']);
  const description = String(error_description);
  const refused = (status: number, name: string, text: string): Refusal => ({
    status,
    body: { error: name, error_description: text },
  });
  switch (error) {
    case 'invalid_grant':
      return refused(403, 'invalid_grant', INVALID_GRANT[grantType] ?? 'Invalid grant');
    case 'invalid_client':
      return refused(401, 'access_denied', 'Unauthorized');
    case 'unauthorized_client':
      return refused(403, 'unauthorized_client', `Grant type '${grantType}' not allowed for the client.`);
    case 'authorization_pending':
    case 'expired_token':
    case 'access_denied':
      return refused(403, error, description);
    case 'slow_down':
      return refused(429, error, description);
    case 'invalid_target': {
      const audience = String(params?.['resource'] ?? ctx.oidc.body?.['audience']);
      if (description === UNKNOWN_API) {
        return refused(403, 'access_denied', `Service not enabled within domain: ${audience}`);
      }
      if (description !== NO_CLIENT_GRANT) return undefined;
      return refused(
        403,
        'access_denied',
        `Client is not authorized to access "${audience}". ` +
          'You need to create a "client-grant" associated to this API.',
      );
    }
    default:
      return undefined;
  }
}
