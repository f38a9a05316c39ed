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
 */
export function readCredential(head: RequestHead, refusals: Refusals): Credential | Refusal | undefined {
  const fields = headerValues(head, 'authorization');
  const [field] = fields;
  if (field === undefined) return undefined;
  if (fields.length > 1)
    return refusals.malformedRequest('the request has two Authorization headers: send one');
  const [, scheme = '', token = ''] = /^([^ ]*) *(.*)$/.exec(field) ?? [];
  if (!SCHEME.test(scheme))
    return refusals.malformedRequest('the Authorization header names no scheme: send "Bearer <token>"');
  const known = knownScheme(scheme);
  if (known === undefined) return undefined;
  if (!B64TOKEN.test(token)) {
    return refusals.malformedRequest(`the Authorization header is not "${scheme} <token>"`);
  }
  if (hasQueryToken(head.url)) {
    return refusals.malformedRequest('the request carries a token in its header and in its query: send one');
  }
  const proof = headerValues(head, 'dpop')[0];
  return { scheme: known, token, ...(proof === undefined ? {} : { proof }) };
}

function knownScheme(scheme: string): Credential['scheme'] | undefined {
  const lower = scheme.toLowerCase();
  return lower === 'bearer' || lower === 'dpop' ? lower : undefined;
}

function hasQueryToken(url: string | undefined): boolean {
  const start = url?.indexOf('?') ?? -1;
  return start >= 0 && new URLSearchParams(url?.slice(start)).has('access_token');
}
