export interface UniqueJsonOptions {
  /** How many arrays and objects may be open at once; default 32. */
  readonly maxDepth?: number;
  /** Called with each object and array of the value, inner ones first. */
  readonly visit?: (container: object) => void;
}

/**
 * `JSON.parse` for text that decides something: duplicate members of an object are refused instead
 * of the last one winning (RFC 7515 4, RFC 8259 4), and so is nesting deeper than `maxDepth`.
 * An own `__proto__` member stays an own member, as with `JSON.parse`.
 *
 * @throws SyntaxError whose message never quotes the text
 */
export function parseUniqueJson(text: string, { maxDepth = 32, visit }: UniqueJsonOptions = {}): unknown {
  const value = parsed(text);
  // A name that was written twice is one member of the value.
  if (membersOf(value, maxDepth, visit) !== namesIn(text)) {
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
function membersOf(value: unknown, maxDepth: number, visit: UniqueJsonOptions['visit'], depth = 1): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > maxDepth) throw new SyntaxError(`the JSON is nested deeper than ${maxDepth}`);
  let members = 0;
  if (Array.isArray(value)) {
    for (const member of value) members += membersOf(member, maxDepth, visit, depth + 1);
  } else {
    const inner = Object.values(value);
    members = inner.length;
    for (const member of inner) members += membersOf(member, maxDepth, visit, depth + 1);
  }
  visit?.(value);
  return members;
}

const COLON = 0x3a;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

/** How many names are written in the text, which is known to be JSON: strings that a colon follows. */
function namesIn(text: string): number {
  let names = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    at = endOfString(text, at);
    let next = at + 1;
    while (text.charCodeAt(next) <= SPACE) next++;
    if (text.charCodeAt(next) === COLON) names++;
  }
  return names;
}

/** The closing quote: the next one that no odd run of backslashes stands before. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
}
