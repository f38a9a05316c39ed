import type { IncomingMessage } from 'node:http';
import { parseUniqueJson } from '@portcullis/tokens';

/** A body that cannot be taken: its status and the sentence to send. */
export class BodyRefused extends Error {
  override readonly name = 'BodyRefused';
  readonly status: 400 | 413 | 415;

  constructor(status: 400 | 413 | 415, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export interface JsonBodyOptions {
  /** Bytes of a body at most. Default 65536. */
  readonly limit?: number;
  /** Media types taken as JSON. Default `application/json` alone. */
  readonly mediaTypes?: readonly string[];
}

const DEFAULT_LIMIT = 65_536;
const DEFAULT_MEDIA_TYPES: readonly string[] = ['application/json'];

/**
 * Reads and parses the JSON body of a request nobody has read yet, so that a refused caller's body is
 * never parsed. Strict UTF-8; duplicate members (RFC 8259, 4) and `__proto__` are refused.
 *
 * @returns undefined when the request has no body
 * @throws BodyRefused with 413 (too long), 415 (not JSON, or compressed) or 400 (broken)
 */
export async function readJsonBody(
  request: IncomingMessage,
  options: JsonBodyOptions = {},
): Promise<unknown> {
  const { limit = DEFAULT_LIMIT, mediaTypes = DEFAULT_MEDIA_TYPES } = options;
  if (!hasBody(request)) return undefined;
  checkEncoding(request, mediaTypes);
  const bytes = await collect(request, limit);
  return bytes.length === 0 ? undefined : parse(bytes);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function checkEncoding({ headers }: IncomingMessage, mediaTypes: readonly string[]): void {
  const contentType = headers['content-type'] ?? '';
  const [mediaType = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  if (!mediaTypes.includes(mediaType))
    throw new BodyRefused(415, `the body must be ${mediaTypes.join(' or ')}`);
  // RFC 8259, 8.1: JSON between systems is UTF-8
  if (
    parameters.some((parameter) => parameter.startsWith('charset=') && !/^charset="?utf-8"?$/.test(parameter))
  ) {
    throw new BodyRefused(415, 'the body must be UTF-8');
  }
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'identity') {
    throw new BodyRefused(415, 'the body must not be compressed');
  }
}

async function collect(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLong = new BodyRefused(413, `the body is longer than ${limit} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLong;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunksOf(request)) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('the body was given an encoding before it was read');
    length += chunk.length;
    if (length > limit) break;
    chunks.push(chunk);
  }
  if (length <= limit) return Buffer.concat(chunks, length);
  // The rest is thrown away, as Node does with a body nobody reads, so that the connection lives on.
  request.resume();
  throw tooLong;
}

async function* chunksOf(request: IncomingMessage): AsyncGenerator {
  try {
    yield* request.iterator({ destroyOnReturn: false });
  } catch (cause) {
    if (!request.complete) throw new BodyRefused(400, 'the body ended before its announced end', { cause });
    throw cause;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parse(bytes: Buffer): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw new BodyRefused(400, 'the body is not UTF-8', { cause });
  }
  try {
    const value = parseUniqueJson(text);
    if (namesPrototype(value)) throw new SyntaxError('the member "__proto__" is not allowed');
    return value;
  } catch (cause) {
    throw new BodyRefused(
      400,
      cause instanceof SyntaxError ? `the body is not JSON: ${cause.message}` : 'the body is not JSON',
      { cause },
    );
  }
}

/** Depth is bounded by parseUniqueJson. */
function namesPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(namesPrototype);
}
