import { isCanonicalBase64url } from './canonical-base64url.ts';
import { isPrototypeOfAllPolluted, withoutPrototype, type Claims } from './claims.ts';
import { TokenMalformed } from './errors.ts';
import { isRecord } from './is-record.ts';
import { parseUniqueJson } from './unique-json.ts';

/** Characters. Real tokens are one to four thousand; header fields larger than this are cut by most servers anyway. */
export const MAX_TOKEN_LENGTH = 16 * 1024;

export type Header = Readonly<Record<string, unknown>>;

/** A token of the right form. Nothing in it is believed yet. */
export interface CompactJws {
  readonly encodedHeader: string;
  readonly header: Header;
  readonly claims: Claims;
  /** What was signed: the first two parts and the dot between them. */
  readonly input: Buffer;
  readonly signature: Buffer;
}

/** Whether a token is to be judged as a JWT, and never as anything else: three parts or more, or a JSON beginning. */
export function looksLikeJwt(token: string): boolean {
  return token.startsWith('eyJ') || token.indexOf('.', token.indexOf('.') + 1) > 0;
}

/** A header that was read before: all tokens of one key have the same, which need not be read anew each time. */
export interface KnownHeader {
  readonly encoded: string;
  readonly header: Header;
}

/** @throws TokenMalformed unless the token is a compact JWS (RFC 7515 7.1) in its one canonical spelling */
export function readCompactJws(token: string, known?: KnownHeader): CompactJws {
  const first = token.indexOf('.');
  const second = token.indexOf('.', first + 1);
  if (second < 0 || token.includes('.', second + 1)) {
    throw new TokenMalformed('it does not have three parts');
  }
  const bytes = Buffer.from(token);
  if (bytes.length !== token.length) throw new TokenMalformed('it has characters beyond ASCII');
  const signature = signatureBytes(token.slice(second + 1));
  const isKnown = known?.encoded.length === first && token.startsWith(known.encoded);
  const encodedHeader = isKnown ? known.encoded : token.slice(0, first);
  return {
    encodedHeader,
    header: isKnown ? known.header : jsonObject(encodedHeader, 'header'),
    claims: jsonObject(token.slice(first + 1, second), 'payload'),
    input: bytes.subarray(0, second),
    signature,
  };
}

function signatureBytes(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (!isCanonicalBase64url(part, bytes.length)) throw notCanonical('signature');
  if (bytes.length === 0) throw new TokenMalformed('it has no signature');
  return bytes;
}

/** Where parts are decoded to be read as text and left behind at once. Nothing that outlives the call refers to it. */
const scratch = Buffer.alloc(MAX_TOKEN_LENGTH);

function jsonObject(part: string, name: string): Readonly<Record<string, unknown>> {
  const length = scratch.write(part, 'base64url');
  if (!isCanonicalBase64url(part, length)) throw notCanonical(name);
  const value = json(utf8(scratch.subarray(0, length), name), name);
  if (!isRecord(value)) throw new TokenMalformed(`its ${name} is not a JSON object`);
  return isPrototypeOfAllPolluted() ? withoutPrototype(value) : value;
}

/** One token, one spelling: else whatever is keyed by the token's text could be sidestepped (RFC 7515 2). */
function notCanonical(name: string): TokenMalformed {
  return new TokenMalformed(`its ${name} is not canonical base64url`);
}

// A byte order mark is kept as a character, which JSON does not allow (RFC 8259 8.1).
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8(bytes: Buffer, name: string): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw new TokenMalformed(`its ${name} is not UTF-8`);
  }
}

function json(text: string, name: string): unknown {
  try {
    return parseUniqueJson(text);
  } catch (cause) {
    throw new TokenMalformed(`its ${name} is not JSON with unique members`, { cause });
  }
}
