/** Everything is forbidden but our stylesheet and posting back to us. */
export function contentSecurityPolicy(formActions: readonly string[] = []): string {
  return [
    "default-src 'none'",
    "script-src 'none'",
    "style-src 'self'",
    'img-src data:',
    `form-action ${["'self'", ...formActions].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join(';');
}

/**
 * Chromium holds `form-action` against the redirects that follow a form, so that the address the
 * answer goes to must be in it. A source cannot name an IPv6 address or a private-use scheme's
 * origin; for those the scheme has to do.
 */
export function formActionSource(uri: string): string {
  const { origin, protocol, hostname } = new URL(uri);
  return origin === 'null' || hostname.startsWith('[') ? protocol : origin;
}
