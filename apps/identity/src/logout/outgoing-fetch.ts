import { isLoopback } from '@portcullis/service';

/**
 * oidc-provider's own requests go through a dispatcher that lets none reach a private or loopback address.
 * In development the clients are on loopback; nothing else is let through.
 */
export function outgoingFetch(options: { readonly loopback: boolean }): typeof fetch {
  return (input, init) => {
    const { hostname } = new URL(input instanceof Request ? input.url : input);
    if (!options.loopback || !isLoopback(hostname)) return fetch(input, init);
    const { dispatcher: _, ...open }: RequestInit & { dispatcher?: unknown } = init ?? {};
    return fetch(input, open);
  };
}
