import { isLoopback } from './loopback.ts';

/** RFC 9110, 7.2: a name or an address, and a port; nothing that a URL would read as something else. */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(:\d+)?$/i;

/**
 * Judges the Host header of requests. Another name, pointed at this machine by its owner's name server,
 * would make a stranger's page same-origin with the service (DNS rebinding).
 *
 * @param publicUrl the service's own address; a loopback one allows every name of this machine
 * @returns whether a Host header names the service
 */
export function hostAllowList(publicUrl: string): (host: string | undefined) => boolean {
  const own = new URL(publicUrl).hostname;
  return (host = '') => {
    if (!HOST.test(host)) return false;
    const name = URL.parse(`http://${host}`)?.hostname ?? '';
    return name === own || (isLoopback(own) && isLoopback(name));
  };
}
