import { parseUniqueJson } from '@portcullis/tokens';

/** A server answered, but with another status than 200. Says nothing of the body. */
export class UnexpectedStatus extends Error {
  override readonly name = 'UnexpectedStatus';

  constructor(
    readonly status: number,
    /** Seconds to wait, when the server said so. */
    readonly retryAfter: number | undefined,
    who: string,
  ) {
    super(`${who} answered with status ${status}${WHAT_TO_CHECK[status] ?? ''}`);
  }
}

const WHAT_TO_CHECK: Readonly<Record<number, string>> = {
  400: ': check its address and its audience',
  401: ': check the client id and the secret',
  403: ': check what the client was granted, and that it is the API which it asks about',
};

const MOST_BYTES = 16 * 1024 * 1024;

/** The answer, unless it is none: then its body is left unread. No redirect is followed: a secret goes to one place. */
export async function send(url: URL, request: RequestInit, who: string): Promise<Response> {
  const response = await fetch(url, { ...request, redirect: 'manual' });
  if (response.status === 200) return response;
  response.body?.cancel().catch(() => undefined);
  throw new UnexpectedStatus(response.status, waitingTime(response.headers), who);
}

/** @throws Error when it is no JSON, or too much of it */
export async function jsonOf(response: Response, who: string): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > MOST_BYTES) throw new Error(`${who} answered with more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return parseUniqueJson(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
}

/** RFC 9110, 10.2.3, in seconds; else Auth0's own, which names the second at which there is room again. */
function waitingTime(headers: Headers): number | undefined {
  const after = headers.get('retry-after');
  if (after !== null && /^\d{1,6}$/.test(after)) return Number(after);
  const reset = headers.get('x-ratelimit-reset');
  if (reset === null || !/^\d{1,12}$/.test(reset) || headers.get('x-ratelimit-remaining') !== '0')
    return undefined;
  return Math.min(Math.max(Number(reset) - Math.floor(Date.now() / 1000), 1), 3600);
}
