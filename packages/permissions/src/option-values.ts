/** @throws TypeError naming the option */
export function amount(option: string, unit: string, value: number, least: number, most: number): number {
  if (typeof value !== 'number' || !(value >= least && value <= most))
    throw new TypeError(`"${option}" must be ${least} to ${most} ${unit}`);
  return value;
}

/** @throws TypeError naming the option */
export function text(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '')
    throw new TypeError(`"${option}" must be a non-empty string`);
  return value;
}

/**
 * An address that a secret may be sent to: https, or http on loopback.
 *
 * @throws TypeError naming the option
 */
export function trustedAddress(option: string, value: unknown): URL {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url === null) throw new TypeError(`"${option}" must be an absolute URL`);
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback))
    throw new TypeError(`"${option}" must be https, or http on loopback`);
  if (url.search + url.hash + url.username + url.password !== '')
    throw new TypeError(`"${option}" must have neither query, fragment nor credentials`);
  return url;
}
