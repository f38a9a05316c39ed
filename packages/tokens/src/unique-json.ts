/**
 * `JSON.parse` for text that decides something: duplicate members of an object are refused instead
 * of the last one winning (RFC 7515 4, RFC 8259 4), and so is nesting deeper than `maxDepth`.
 * An own `__proto__` member stays an own member, as with `JSON.parse`.
 *
 * @param options.maxDepth how many arrays and objects may be open at once; default 32
 * @throws SyntaxError whose message never quotes the text
 */
export function parseUniqueJson(text: string, options: { maxDepth?: number } = {}): unknown {
  refuseDuplicates(text, options.maxDepth ?? 32);
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError('the text is not valid JSON');
  }
}

/** Reads no more grammar than it needs to find member names: `JSON.parse` judges the rest. */
function refuseDuplicates(text: string, maxDepth: number): void {
  const open: (Set<string> | undefined)[] = []; // an object's names so far; undefined for an array
  let nameComesNext = false;

  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
      case '[': {
        if (open.length >= maxDepth) throw new SyntaxError(`the JSON is nested deeper than ${maxDepth}`);
        nameComesNext = text[at] === '{';
        open.push(nameComesNext ? new Set() : undefined);
        break;
      }
      case '}':
      case ']':
        open.pop();
        nameComesNext = false;
        break;
      case ',':
        nameComesNext = open.at(-1) !== undefined;
        break;
      case '"': {
        const end = endOfString(text, at);
        if (nameComesNext) addName(open.at(-1), text.slice(at, end + 1));
        nameComesNext = false;
        at = end;
        break;
      }
    }
  }
}

function addName(names: Set<string> | undefined, quoted: string): void {
  const name = quoted.includes('\\') ? unescaped(quoted) : quoted.slice(1, -1);
  if (names?.has(name)) throw new SyntaxError('the JSON has an object with duplicate members');
  names?.add(name);
}

function unescaped(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    throw new SyntaxError('the text is not valid JSON');
  }
}

/** The closing quote's index, or the text's length when there is none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}
