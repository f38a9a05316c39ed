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

/**
 * An issuer's identifier, which becomes part of other URLs (RFC 8414 2, 3.1). Spellings that `URL` would mend are
 * refused: in them, what an identifier begins with says nothing of where its keys come from.
 *
 * @throws TypeError
 */
export function trustedIssuerUrl(text: unknown, production: boolean): URL {
  const url = trustedUrl('issuer', text, production);
  const spelling = String(text);
  // `URL` shows neither an empty query nor an empty fragment.
  if (/[?#]/.test(spelling)) throw new TypeError('"issuer" must have neither query nor fragment');
  if (/[\s\\]|\/(?:\.|%2e){1,2}(?:\/|$)/i.test(spelling) || !/^https?:\/\/[^/]/i.test(spelling))
    throw new TypeError('"issuer" must not have spaces, backslashes or dot segments');
  return url;
}

/** RFC 8252 8.3, RFC 6761 6.3. `URL` has already written the address in its canonical form. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
