import type { Configuration } from './configuration.ts';
import { doubtful, right, wrong, type Finding } from './finding.ts';
import { isLoopback } from './loopback.ts';
import { quoted } from './quoted.ts';

const EVERYBODY = ['true', '*', '1', 'all', '0.0.0.0/0', '::/0'];

/** Where clients reach the API, and whose word is taken for where they come from. */
export function checkAddress({ publicUrl, trustProxy, host, production }: Configuration): readonly Finding[] {
  return [...checkPublicUrl(publicUrl, host, production), ...checkProxy(publicUrl, trustProxy)];
}

function checkPublicUrl(
  publicUrl: string | undefined,
  host: string,
  production: boolean,
): readonly Finding[] {
  if (publicUrl === undefined) {
    if (!production && isLoopback(host))
      return [right('address', 'PUBLIC_URL is unset: clients reach this API on this machine alone.')];
    return [
      wrong(
        'address',
        'PUBLIC_URL is unset, while others than this machine are to reach the API: DPoP proofs and the resource metadata would name localhost.',
        'Set PUBLIC_URL to the origin that clients type, for example https://menu.example.com.',
      ),
    ];
  }
  const url = URL.parse(publicUrl);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return [
      wrong(
        'address',
        `PUBLIC_URL is ${quoted(publicUrl)}, which is no address.`,
        'Set PUBLIC_URL to the origin that clients type, for example https://menu.example.com.',
      ),
    ];
  }
  if (url.protocol === 'http:' && (production || !isLoopback(url.hostname))) {
    return [
      wrong(
        'address',
        `PUBLIC_URL is plain http: whoever sees the traffic has the tokens.`,
        'Serve the API over https, most simply by a proxy that ends TLS, and write https:// into PUBLIC_URL.',
      ),
    ];
  }
  return [right('address', `Clients reach this API at ${quoted(url.origin)}.`)];
}

function checkProxy(publicUrl: string | undefined, trustProxy: string | undefined): readonly Finding[] {
  if (trustProxy !== undefined && EVERYBODY.includes(trustProxy.toLowerCase())) {
    return [
      wrong(
        'address',
        'TRUST_PROXY believes the forwarded headers of everybody: any client could choose the address it is known by.',
        'Set TRUST_PROXY to the address of your proxy alone, for example 10.0.0.5.',
      ),
    ];
  }
  if (trustProxy === undefined && publicUrl?.startsWith('https:')) {
    return [
      doubtful(
        'address',
        'PUBLIC_URL is https, so a proxy stands before the API, and TRUST_PROXY is unset: all callers seem to come from the address of the proxy, and share its limits.',
        'Set TRUST_PROXY to the address of the proxy, and let it overwrite X-Forwarded-For and X-Forwarded-Proto.',
      ),
    ];
  }
  return trustProxy === undefined
    ? []
    : [right('address', 'Forwarded headers count from named proxies alone.')];
}
