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
  const plainText = text.includes('\\') ? withPlainNames(text) : text;
  const value = plainText === text ? asWritten : parsed(plainText);
  const members = membersOf(value, maxDepth);
  // A name that was written twice is one member of the value.
  if (mostNamesIn(plainText) !== members && namesIn(plainText).length !== members) {
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
  let members = 0;
  if (Array.isArray(value)) {
    for (const member of value) members += membersOf(member, maxDepth, depth + 1);
    return members;
  }
  for (const member of Object.values(value)) members += 1 + membersOf(member, maxDepth, depth + 1);
  return members;
}

const COLON = 0x3a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

/** At least as many as there are names: each is followed by a colon, before which stands its quote or a space. */
function mostNamesIn(text: string): number {
  let count = 0;
  for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', colon + 1)) {
    const before = text.charCodeAt(colon - 1);
    if (before === QUOTE || before <= SPACE) count++;
  }
  return count;
}

interface Name {
  readonly start: number;
  readonly end: number;
}

/** The names that are written in the text, which is known to be JSON: strings that a colon follows. */
function namesIn(text: string): readonly Name[] {
  const names: Name[] = [];
  for (let start = text.indexOf('"'); start >= 0;) {
    const end = endOfString(text, start) + 1;
    let next = end;
    while (text.charCodeAt(next) <= SPACE) next++;
    if (text.charCodeAt(next) === COLON) names.push({ start, end });
    start = text.indexOf('"', end);
  }
  return names;
}

/**
 * The text with no escape in any name: V8 misreads a name with one after certain other texts (nodejs/node#63785), so
 * that it must not get to see it.
 */
function withPlainNames(text: string): string {
  let plainText = '';
  let copied = 0;
  for (const { start, end } of namesIn(text)) {
    const name = text.slice(start, end);
    if (!name.includes('\\')) continue;
    plainText += text.slice(copied, start) + withoutEscapes(name);
    copied = end;
  }
  return plainText + text.slice(copied);
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
