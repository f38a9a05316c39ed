import type { IncomingMessage } from 'node:http';

/** What of a request is looked at before its body is read. Node's own request is one. */
export type RequestHead = Pick<IncomingMessage, 'rawHeaders' | 'url' | 'method'> & {
  /** Express keeps the whole target here when it shortens `url` for a router below. */
  readonly originalUrl?: string;
  readonly socket?: Pick<IncomingMessage['socket'], 'remoteAddress'>;
};

/** Every value of a header field, in order: Node's `headers` keeps only the first Authorization. */
export function headerValues({ rawHeaders }: RequestHead, lowerCaseName: string): readonly string[] {
  let values: string[] | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    // Most names are of another length, which costs nothing to see.
    if (name.length !== lowerCaseName.length || name.toLowerCase() !== lowerCaseName) continue;
    const value = rawHeaders[index + 1] ?? '';
    if (values === undefined) values = [value];
    else values.push(value);
  }
  return values ?? NONE;
}

const NONE: readonly string[] = [];
