const FALLBACK = '/home';

/**
 * Where to go after signing in. Only a path on this very origin is taken: an address that came
 * through a redirect must not lead anywhere else.
 */
export function returnPath(wanted: unknown, origin: string): string {
  if (typeof wanted !== 'string' || !wanted.startsWith('/')) return FALLBACK;
  const url = URL.parse(wanted, origin);
  if (!url || url.origin !== new URL(origin).origin) return FALLBACK;
  // `//elsewhere` and `/\elsewhere` name a host; a path kept from them would do so again.
  if (/^\/[/\\]/.test(wanted) || /^\/[/\\]/.test(url.pathname)) return FALLBACK;
  return `${url.pathname}${url.search}${url.hash}`;
}
