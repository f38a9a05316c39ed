/**
 * `JSON.parse` for text that decides something: duplicate members of an object are refused instead
 * of the last one winning (RFC 7515 4, RFC 8259 4), and so is nesting deeper than `maxDepth`.
 * An own `__proto__` member stays an own member, as with `JSON.parse`. A member's name that cannot be written without
 * an escape, one with a quote, a backslash or a control character, is refused too.
 *
 * @param options.maxDepth how many arrays and objects may be open at once; default 32
 * @throws SyntaxError whose message never quotes the text
 */
export function parseUniqueJson(text: string, { maxDepth = 32 }: { maxDepth?: number } = {}): unknown {
  const asWritten = parsed(text);
  const names = namesIn(text);
  const value = names.plainText === undefined ? asWritten : parsed(names.plainText);
  // A name that was written twice is one member of the value.
  if (membersOf(value, maxDepth) !== names.count) {
    throw new SyntaxError('the JSON has an object with duplicate members');
  }
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError('the text is not valid JSON');
  }
}

/** How many members all objects of the value have together. */
function membersOf(value: unknown, maxDepth: number, depth = 1): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > maxDepth) throw new SyntaxError(`the JSON is nested deeper than ${maxDepth}`);
  const isObject = !Array.isArray(value);
  const inner: readonly unknown[] = isObject ? Object.values(value) : value;
  let members = isObject ? inner.length : 0;
  for (const member of inner) {
    if (typeof member === 'object') members += membersOf(member, maxDepth, depth + 1);
  }
  return members;
}

const COLON = 0x3a;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

interface Names {
  readonly count: number;
  /** The text with no escape in any name; undefined when it is so already. */
  readonly plainText: string | undefined;
}

/**
 * The names that are written in the text, which is known to be JSON: strings that a colon follows. V8 misreads a name
 * with an escape after certain other texts (nodejs/node#63785), so that it must not get to see one.
 */
function namesIn(text: string): Names {
  if (!text.includes('\\')) return { count: plainNamesIn(text), plainText: undefined };
  let count = 0;
  let plainText = '';
  let copied = 0;
  for (let start = text.indexOf('"'); start >= 0;) {
    const end = endOfString(text, start);
    let next = end + 1;
    while (text.charCodeAt(next) <= SPACE) next++;
    if (text.charCodeAt(next) === COLON) {
      count++;
      const name = text.slice(start, end + 1);
      if (name.includes('\\')) {
        plainText += text.slice(copied, start) + withoutEscapes(name);
        copied = end + 1;
      }
    }
    start = text.indexOf('"', end + 1);
  }
  return { count, plainText: copied === 0 ? undefined : plainText + text.slice(copied) };
}

/** The same for a text without any escape, in which every quote begins or ends a string. */
function plainNamesIn(text: string): number {
  let count = 0;
  for (let start = text.indexOf('"'); start >= 0;) {
    const end = text.indexOf('"', start + 1);
    let next = end + 1;
    while (text.charCodeAt(next) <= SPACE) next++;
    if (text.charCodeAt(next) === COLON) count++;
    start = text.indexOf('"', next);
  }
  return count;
}

function withoutEscapes(name: string): string {
  const plain = JSON.stringify(parsed(name));
  if (plain.includes('\\')) throw new SyntaxError('the JSON has a member whose name needs an escape');
  return plain;
}

/** The closing quote: the next one that no odd run of backslashes stands before. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
}
