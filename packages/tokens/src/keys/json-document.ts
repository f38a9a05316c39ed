import { parseUniqueJson } from '../unique-json.ts';

const MAX_BYTES = 1024 * 1024;

/** The server answered, but not with the document. */
export class UnexpectedStatus extends Error {
  constructor(readonly status: number) {
    super(`it answered with status ${status}`);
  }
}

/**
 * Fetches a JSON document of at most 1 MiB. No redirect is followed: a key comes from where it was
 * said to be, or not at all.
 *
 * @param signal ends headers and body alike
 * @throws UnexpectedStatus when the answer is not 200
 */
export async function jsonDocument(url: URL, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { accept: 'application/json' },
    signal,
  });
  if (response.status !== 200) {
    response.body?.cancel().catch(() => undefined);
    throw new UnexpectedStatus(response.status);
  }
  return parseUniqueJson(await boundedText(response));
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
