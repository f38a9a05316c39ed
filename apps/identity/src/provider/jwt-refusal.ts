import type { KoaContextWithOIDC } from 'oidc-provider';

/** Whether oidc-provider, having authenticated the client, refused the token for being a JWT. */
export function isJwtRefusal({ body }: KoaContextWithOIDC): boolean {
  return (
    typeof body === 'object' && body !== null && 'error' in body && body.error === 'unsupported_token_type'
  );
}
