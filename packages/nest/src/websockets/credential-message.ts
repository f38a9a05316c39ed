import type { Refusals, Refusal, RequestHead } from '@portcullis/http';

/** The event by which a client sends its access token, first or later: `{ token: '…' }`. */
export const AUTHENTICATE = 'authenticate';

/** Its answer: `{ expiresAt }`, seconds since the epoch. */
export const AUTHENTICATED = 'authenticated';

/**
 * A token that came in a message as the head of a request. There is no proof and no certificate in it, so no bound token
 * passes.
 */
export function credentialHead(
  data: unknown,
  remoteAddress: string | undefined,
  refusals: Refusals,
): RequestHead | Refusal {
  const token: unknown =
    typeof data === 'object' && data !== null && Object.hasOwn(data, 'token')
      ? Reflect.get(data, 'token')
      : undefined;
  if (typeof token !== 'string')
    return refusals.malformedRequest('the credential is no access token: send {"token": "<access token>"}');
  return { rawHeaders: ['authorization', `Bearer ${token}`], socket: { remoteAddress } };
}

/**
 * What a first message says, as Nest's WsAdapter frames it.
 *
 * @returns undefined when it is no `authenticate` at all
 */
export function firstCredential(message: unknown, isBinary: boolean): { readonly data: unknown } | undefined {
  if (isBinary) return undefined;
  try {
    const framed: unknown = JSON.parse(String(message));
    const is =
      typeof framed === 'object' && framed !== null && 'event' in framed && framed.event === AUTHENTICATE;
    return is ? { data: 'data' in framed ? framed.data : undefined } : undefined;
  } catch {
    return undefined;
  }
}
