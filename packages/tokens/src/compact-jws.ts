import type { Claims } from './claims.ts';
import { TokenMalformed } from './errors.ts';
import { parseUniqueJson } from './unique-json.ts';

/** Real tokens are one to four kilobytes; header fields larger than this are cut by most servers anyway. */
const MAX_LENGTH = 16 * 1024;

export type Header = Readonly<Record<string, unknown>>;

/** A token of the right form. Nothing in it is believed yet. */
export interface CompactJws {
  readonly token: string;
  readonly header: Header;
  readonly claims: Claims;
}

/** @throws TokenMalformed unless the token is a compact JWS (RFC 7515 7.1) in its one canonical spelling */
export function readCompactJws(token: string): CompactJws {
  if (typeof token !== 'string') throw new TokenMalformed('it is not text');
  if (token.length > MAX_LENGTH) throw new TokenMalformed(`it is longer than ${MAX_LENGTH} characters`);

  const first = token.indexOf('.');
  const second = token.indexOf('.', first + 1);
  if (first < 0 || second < 0 || token.includes('.', second + 1)) {
    throw new TokenMalformed('it does not have three parts');
  }
  if (decoded(token.slice(second + 1), 'signature').length === 0) {
    throw new TokenMalformed('it has no signature');
  }
  return {
    token,
    header: jsonObject(token.slice(0, first), 'header'),
    claims: jsonObject(token.slice(first + 1, second), 'payload'),
  };
}

/** One token, one spelling: else whatever is keyed by the token's text could be sidestepped (RFC 7515 2). */
function decoded(part: string, name: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part)
    throw new TokenMalformed(`its ${name} is not canonical base64url`);
  return bytes;
}

function jsonObject(part: string, name: string): Readonly<Record<string, unknown>> {
  const value = json(utf8(decoded(part, name), name), name);
  if (!isRecord(value)) throw new TokenMalformed(`its ${name} is not a JSON object`);
  return withoutPrototypes(value);
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutPrototypes<Value extends object>(value: Value): Value {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) withoutPrototypes(member);
  }
  if (!Array.isArray(value)) Object.setPrototypeOf(value, null);
  return value;
}
