import { sealed } from '../claims.ts';
import { isRecord } from '../is-record.ts';
import { parseUniqueJson } from '../unique-json.ts';

const MAX_BYTES = 1024 * 1024;

/** The server answered, but not with the document. */
export class UnexpectedStatus extends Error {
  constructor(
    readonly status: number,
    /** Seconds, when the server said so (RFC 9110 10.2.3). */
    readonly retryAfter: number | undefined,
  ) {
    super(`it answered with status ${status}`);
  }
}

/**
 * Fetches a JSON object of at most 1 MiB, frozen and without prototypes. No redirect is followed: a key comes from where it was
 * said to be, or not at all.
 *
 * @param signal ends headers and body alike
 * @throws UnexpectedStatus when the answer is not 200
 */
export async function jsonDocument(
  url: URL,
  signal: AbortSignal,
  request: Pick<RequestInit, 'method' | 'headers' | 'body'> = {},
): Promise<Readonly<Record<string, unknown>>> {
  const headers = new Headers(request.headers);
  headers.set('accept', 'application/json');
  const response = await fetch(url, { ...request, headers, redirect: 'manual', signal });
  if (response.status !== 200) {
    response.body?.cancel().catch(() => undefined);
    throw new UnexpectedStatus(response.status, seconds(response.headers.get('retry-after')));
  }
  const document = parseUniqueJson(await boundedText(response));
  if (!isRecord(document)) throw new Error('its answer is not a JSON object');
  return sealed(document);
}

function seconds(value: string | null): number | undefined {
  return value !== null && /^\d{1,6}$/.test(value) ? Number(value) : undefined;
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > MAX_BYTES) throw new Error(`its answer is longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
}
