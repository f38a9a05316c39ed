import type { ClientMetadata } from 'oidc-provider';

export const ACCOUNT_CLIENT_ID = 'portcullis-account';

/** Below the issuer; each page is also where a login for it returns to. */
export const ACCOUNT_PAGES = [
  'account',
  'account/password',
  'account/sessions',
  'account/applications',
] as const;

/**
 * Our own account pages as a client of ourselves: they send people to log in like anybody else, and read
 * the session that comes of it. No token is ever made for them (see decision 19).
 */
export function accountClient(issuer: string): ClientMetadata {
  return {
    client_id: ACCOUNT_CLIENT_ID,
    client_name: 'Your account',
    application_type: 'web',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: ACCOUNT_PAGES.map((page) => `${issuer}${page}`),
    post_logout_redirect_uris: [],
    token_endpoint_auth_method: 'none',
    first_party: true,
    auth0_dialect: false,
  };
}
