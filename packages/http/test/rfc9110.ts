export interface ParsedChallenge {
  readonly scheme: string;
  /** In the order in which they stand. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

const TCHAR = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/;
const QDTEXT = /[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]/;
const QUOTABLE = /[\t \x21-\x7e\x80-\xff]/;

/**
 * Reads a WWW-Authenticate field as RFC 9110 11.6.1 writes its grammar, lists, empty elements, blanks around `=` and
 * escapes included. Knows nothing of who wrote the field.
 *
 * @throws SyntaxError for what is not in the grammar
 */
export function parseChallenges(field: string): readonly ParsedChallenge[] {
  let at = 0;
  const next = (): string => field[at] ?? '';
  const fail = (): never => {
    throw new SyntaxError(`no challenge at ${at}: ${JSON.stringify(field)}`);
  };
  const blanks = (): void => {
    while (next() === ' ' || next() === '\t') at++;
  };
  const token = (): string => {
    const start = at;
    while (TCHAR.test(next())) at++;
    return at > start ? field.slice(start, at) : fail();
  };
  const quotedString = (): string => {
    let text = '';
    for (at++; next() !== '"'; at++) {
      if (next() === '\\') {
        at++;
        if (!QUOTABLE.test(next())) fail();
      } else if (!QDTEXT.test(next())) fail();
      text += next();
    }
    at++;
    return text;
  };

  const challenges: { scheme: string; parameters: (readonly [string, string])[] }[] = [];
  while (at < field.length) {
    blanks();
    if (next() === ',') {
      at++;
      continue;
    }
    if (at === field.length) break;
    const name = token();
    const afterName = at;
    blanks();
    if (next() === '=') {
      at++;
      blanks();
      const current = challenges.at(-1) ?? fail();
      current.parameters.push([name.toLowerCase(), next() === '"' ? quotedString() : token()]);
    } else {
      challenges.push({ scheme: name, parameters: [] });
      // A scheme and its first parameter have blanks between them, no comma.
      if (at > afterName && TCHAR.test(next())) continue;
    }
    blanks();
    if (at < field.length && next() !== ',') fail();
  }
  return challenges.length > 0 ? challenges : fail();
}
