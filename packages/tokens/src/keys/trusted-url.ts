/**
 * A URL that keys may be fetched from: https, or http on loopback outside production.
 *
 * @param name what to call the URL in the message
 * @throws TypeError
 */
export function trustedUrl(name: string, text: unknown, production: boolean): URL {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw new TypeError(`"${name}" must be an absolute URL`);
  if (url.username !== '' || url.password !== '')
    throw new TypeError(`"${name}" must not carry a user or password`);
  if (url.protocol === 'https:') return url;
  if (url.protocol === 'http:' && isLoopback(url.hostname) && !production) return url;
  throw new TypeError(
    production ? `"${name}" must be https in production` : `"${name}" must be https, or http on loopback`,
  );
}

/** RFC 8252 8.3, RFC 6761 6.3. `URL` has already written the address in its canonical form. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
