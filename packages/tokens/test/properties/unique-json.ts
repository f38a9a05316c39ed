import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { parseUniqueJson } from '@portcullis/tokens';

/** JSON as it is written, what it says, and whether it is refused: a member twice, or a name that needs an escape. */
interface Written {
  readonly text: string;
  readonly value: unknown;
  readonly refused: boolean;
}

const space = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r', '  ');

/** One text has many spellings (RFC 8259 7). */
const quoted = (text: fc.Arbitrary<string>): fc.Arbitrary<{ name: string; text: string }> =>
  fc.tuple(text, fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 5 })).map(([name, choices]) => {
    const spelled = [...name].map((letter, index) => spelling(letter, choices[index % choices.length] ?? 0));
    return { name, text: `"${spelled.join('')}"` };
  });

function spelling(letter: string, choice: number): string {
  if (choice === 3 && letter === '/') return '\\/';
  if (choice === 0 || choice === 3) return JSON.stringify(letter).slice(1, -1);
  const units = Array.from({ length: letter.length }, (_, index) => letter.charCodeAt(index));
  return units.map((unit) => unicode(unit, choice === 2)).join('');
}

function unicode(code: number, upper: boolean): string {
  const digits = code.toString(16).padStart(4, '0');
  return `\\u${upper ? digits.toUpperCase() : digits}`;
}

/** Few, so that the same one is often met again; odd, since those are the ones that slip through. */
const memberName = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'A',
    '',
    '"',
    '\\',
    '/',
    'é',
    '😀',
    '\u2028',
    ' a',
    '{',
    '}',
    '[',
    ',',
    ':',
    'a"',
    '\\u0061',
  ),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'length', '0'),
  fc.string({ unit: 'binary', maxLength: 3 }),
);

const scalar = (text: fc.Arbitrary<string>): fc.Arbitrary<Written> =>
  text.map((written) => ({ text: written, value: JSON.parse(written), refused: false }));

const { json } = fc.letrec<{ json: Written; array: Written; object: Written }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5 },
    scalar(fc.constantFrom('null', 'true', 'false', '0', '-0', '1.5', '1e3', '-2E-2')),
    scalar(fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number))),
    scalar(quoted(fc.string({ unit: 'grapheme', maxLength: 5 })).map(({ text }) => text)),
    tie('array'),
    tie('object'),
  ),
  array: fc.tuple(fc.array(tie('json'), { maxLength: 4 }), space).map(([items, gap]) => ({
    text: `[${gap}${items.map(({ text }) => text).join(`${gap},`)}${gap}]`,
    value: items.map(({ value }) => value),
    refused: items.some(({ refused }) => refused),
  })),
  object: fc
    .tuple(fc.array(fc.tuple(quoted(memberName), tie('json')), { maxLength: 4 }), space)
    .map(([members, gap]) => ({
      text: `{${gap}${members.map(([name, { text }]) => `${name.text}${gap}:${gap}${text}`).join(`,${gap}`)}${gap}}`,
      value: Object.fromEntries(members.map(([{ name }, { value }]) => [name, value])),
      refused:
        new Set(members.map(([{ name }]) => name)).size < members.length ||
        members.some(([{ name }, { refused }]) => refused || JSON.stringify(name).includes('\\')),
    })),
}));

function outcome(parse: () => unknown): { readonly value: unknown } | 'refused' {
  try {
    return { value: parse() };
  } catch (error) {
    if (error instanceof SyntaxError) return 'refused';
    throw error;
  }
}

/** What is written is read, but for the texts in which an object has a member twice. */
export function onlyDuplicatesAreRefused(): fc.IPropertyWithHooks<[Written]> {
  return fc.property(json, ({ text, value, refused }) => {
    const ours = outcome(() => parseUniqueJson(text));
    return refused ? ours === 'refused' : isDeepStrictEqual(ours, { value });
  });
}

/** Text that is nearly JSON, or nothing like it. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', 'a', '"a"', '1', 'null', '\\u0061', ' '))
    .map((t) => t.join('')),
  fc
    .tuple(json, fc.nat(), fc.string({ unit: 'binary', maxLength: 2 }), fc.boolean())
    .map(([{ text }, seed, inserted, replaces]) => {
      const index = seed % (text.length + 1);
      return text.slice(0, index) + inserted + text.slice(index + (replaces ? 1 : 0));
    }),
);

/** What `JSON.parse` refuses is refused; what is accepted reads the same, where `JSON.parse` can be trusted. */
export function nothingElseIsAccepted(): fc.IPropertyWithHooks<[string]> {
  return fc.property(anyText, (text) => {
    const ours = outcome(() => parseUniqueJson(text));
    if (ours === 'refused') return true;
    const theirs = outcome(() => JSON.parse(text));
    // nodejs/node#63785: names with escapes are misread.
    return text.includes('\\') ? theirs !== 'refused' : isDeepStrictEqual(ours, theirs);
  });
}
