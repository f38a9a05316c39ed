import { TLSSocket } from 'node:tls';
import type { Credential } from '@portcullis/tokens';
import { headerValues, type RequestHead } from './request-head.ts';
import type { Refusal, Refusals } from './refusal.ts';

/** RFC 6750, 2.1: b64token. */
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** RFC 9110, 11.1: a token in the sense of 5.6.2. */
const SCHEME = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * The credential of a request, from the Authorization header alone (RFC 9700, 4.3.2 bars the query).
 *
 * | found                                        | answer              |
 * |----------------------------------------------|---------------------|
 * | no Authorization header                      | undefined           |
 * | two of them, or a second carrier in the query | 400 invalid_request |
 * | what is no scheme at all                     | 400 invalid_request |
 * | a scheme we do not know                      | undefined           |
 * | Bearer or DPoP without one well-formed token | 400 invalid_request |
 *
 * The last is for `refuseMalformedToken` to judge: a token that has verified before is well-formed.
 */
export function readCredential(head: RequestHead, refusals: Refusals): Credential | Refusal | undefined {
  const fields = headerValues(head, 'authorization');
  const [field] = fields;
  if (field === undefined) return undefined;
  if (fields.length > 1)
    return refusals.malformedRequest('the request has two Authorization headers: send one');
  const end = field.indexOf(' ');
  const scheme = end < 0 ? field : field.slice(0, end);
  const known = knownScheme(scheme);
  if (known === undefined) {
    if (SCHEME.test(scheme)) return undefined;
    return refusals.malformedRequest('the Authorization header names no scheme: send "Bearer <token>"');
  }
  if (hasQueryToken(head.url)) {
    return refusals.malformedRequest(
      'the request carries a token in its header and in its query: send one',
      known === 'dpop' ? 'DPoP' : 'Bearer',
    );
  }
  return new RequestCredential(known, end < 0 ? '' : withoutSpaces(field, end), head);
}

/** To be asked about a token before it is verified for the first time. */
export function refuseMalformedToken({ scheme, token }: Credential, refusals: Refusals): Refusal | undefined {
  if (B64TOKEN.test(token)) return undefined;
  const name = scheme === 'dpop' ? 'DPoP' : 'Bearer';
  return refusals.malformedRequest(`the Authorization header is not "${name} <token>"`, name);
}

/** What only a bound or an unknown token needs is looked for when it is asked for. */
class RequestCredential implements Credential {
  readonly scheme: Credential['scheme'];
  readonly token: string;
  readonly #head: RequestHead;

  constructor(scheme: Credential['scheme'], token: string, head: RequestHead) {
    this.scheme = scheme;
    this.token = token;
    this.#head = head;
  }

  /** Several proofs come out as one text that is none, and are refused as that (RFC 9449, 4.3). */
  get proof(): string {
    return headerValues(this.#head, 'dpop').join(', ');
  }

  get method(): string {
    return this.#head.method ?? '';
  }

  get url(): string {
    return this.#head.originalUrl ?? this.#head.url ?? '';
  }

  /** From the connection itself: no header stands in for it. */
  get certificate(): Uint8Array {
    const { socket } = this.#head;
    return socket instanceof TLSSocket ? (socket.getPeerX509Certificate()?.raw ?? NONE) : NONE;
  }

  get address(): string {
    return this.#head.socket?.remoteAddress ?? 'unknown';
  }
}

const NONE = new Uint8Array();

function knownScheme(scheme: string): Credential['scheme'] | undefined {
  if (scheme === 'Bearer') return 'bearer';
  const lower = scheme.toLowerCase();
  return lower === 'bearer' || lower === 'dpop' ? lower : undefined;
}

/** RFC 9110, 11.4: one space or more between scheme and token. */
function withoutSpaces(field: string, end: number): string {
  let start = end + 1;
  while (field.charCodeAt(start) === 0x20) start++;
  return field.slice(start);
}

function hasQueryToken(url = ''): boolean {
  const start = url.indexOf('?');
  return start >= 0 && new URLSearchParams(url.slice(start)).has('access_token');
}
