import { readFileSync } from 'node:fs';
import { parseUniqueJson } from '@portcullis/tokens';
import { Misuse } from '../misuse.ts';
import type { Terminal } from '../terminal.ts';

/** What a token says, unverified. */
export interface Decoded {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * The token to look at: from a file, from standard input (`-`), or from PORTCULLIS_TOKEN. Never from an argument, which
 * the shell and the list of processes would keep.
 *
 * @returns undefined when none is given
 * @throws Misuse when the file cannot be read, or holds nothing
 */
export async function presentedToken(
  file: string | undefined,
  { stdin, environment }: Terminal,
): Promise<string | undefined> {
  const text = file === undefined ? environment['PORTCULLIS_TOKEN'] : await content(file, stdin);
  if (text === undefined) return undefined;
  const token = text
    .trim()
    .replace(/^(["'])(.*)\1$/s, '$2')
    .replace(/^(?:authorization:\s*)?(?:bearer|dpop)\s+/i, '');
  if (token === '') throw new Misuse('There is no token in what was given: the text is empty.');
  return token;
}

async function content(file: string, stdin: Terminal['stdin']): Promise<string> {
  if (file === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString();
  }
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // What was typed may be the token itself: it is not repeated.
    throw new Misuse(
      'The file of --token-file cannot be read. It takes the name of a file, or "-" for standard input.',
    );
  }
}

/** Whether a token is a JWT that is signed, one that is encrypted (RFC 7516 3.1), or says nothing itself. */
export function formOf(token: string): 'jwt' | 'encrypted' | 'opaque' {
  const parts = token.split('.');
  if (parts.length < 3 || objectIn(parts[0]) === undefined) return token.startsWith('eyJ') ? 'jwt' : 'opaque';
  return parts.length === 5 ? 'encrypted' : 'jwt';
}

/** Undefined when it cannot be read. */
export function decoded(token: string): Decoded | undefined {
  const [header, payload] = token.split('.').map(objectIn);
  return header && payload && { header, payload };
}

function objectIn(part: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = parseUniqueJson(Buffer.from(part ?? '', 'base64url').toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
