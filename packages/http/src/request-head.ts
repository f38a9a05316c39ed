import type { IncomingMessage } from 'node:http';

/** What of a request is looked at before its body is read. Node's own request is one. */
export type RequestHead = Pick<IncomingMessage, 'rawHeaders' | 'url' | 'method'>;

/** Every value of a header field, in order: Node's `headers` keeps only the first Authorization. */
export function headerValues(head: RequestHead, lowerCaseName: string): readonly string[] {
  const values: string[] = [];
  const { rawHeaders } = head;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === lowerCaseName) values.push(rawHeaders[index + 1] ?? '');
  }
  return values;
}
