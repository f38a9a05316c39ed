import { readFileSync } from 'node:fs';

/** Characters (code points, after NFC) that a password must have at least. */
export const SHORTEST_PASSWORD = 8;
/** The same for an account that may change what others are allowed to do. */
export const SHORTEST_ADMINISTRATOR_PASSWORD = 15;
export const LONGEST_PASSWORD = 256;

/** Whose password it is to be. */
export interface PasswordOwner {
  readonly email: string;
  readonly name?: string | undefined;
  readonly nickname?: string | undefined;
  /** Holds permissions of the Management API. */
  readonly administers: boolean;
}

/** See `passwords/README.md` for where the list is from. */
const COMMON: ReadonlySet<string> = new Set(
  readFileSync(new URL('../../passwords/common.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter(Boolean),
);

/**
 * What speaks against a password, as the end of a sentence that begins with it, such as `must have at
 * least 8 characters`; undefined when nothing does. There is no rule about kinds of characters (NIST SP 800-63B-4, 3.1.1.2): length counts, and that nobody guesses it.
 */
export function passwordObjection(password: string, owner: PasswordOwner): string | undefined {
  if (!password.isWellFormed()) return 'contains half a character';
  const characters = password.normalize('NFC');
  const length = passwordLength(characters);
  const shortest = shortestPassword(owner);
  if (length < shortest) return `must have at least ${shortest} characters`;
  if (length > LONGEST_PASSWORD) return `must have at most ${LONGEST_PASSWORD} characters`;
  const folded = characters.toLowerCase();
  if (isCommon(folded)) return 'is used by too many people: it would be guessed among the first';
  if (saysWhose(folded, owner)) return 'is too close to the name or the e-mail address';
  return undefined;
}

/** In code points, as NIST SP 800-63B-4 counts. */
export function passwordLength(password: string): number {
  return [...password.normalize('NFC')].length;
}

export function shortestPassword({ administers }: Pick<PasswordOwner, 'administers'>): number {
  return administers ? SHORTEST_ADMINISTRATOR_PASSWORD : SHORTEST_PASSWORD;
}

/** On the list, also with a few digits or signs behind it, or something short or listed again and again. */
function isCommon(folded: string): boolean {
  if (COMMON.has(folded) || COMMON.has(folded.replace(/[\d\p{P}\p{S}]{1,4}$/u, ''))) return true;
  const unit = repeatedUnit(folded);
  return unit !== undefined && (unit.length < 4 || COMMON.has(unit));
}

/** The shortest piece that, written again and again, gives the whole; the last time perhaps cut off. */
function repeatedUnit(text: string): string | undefined {
  for (let length = 1; length <= text.length / 1.5; length++) {
    const unit = text.slice(0, length);
    if (text === unit.repeat(Math.ceil(text.length / length)).slice(0, text.length)) return unit;
  }
  return undefined;
}

/** What is left without the words that everybody knows of this person. */
const FEW = 6;

function saysWhose(folded: string, { email, name = '', nickname = '' }: PasswordOwner): boolean {
  const known = [email, ...email.split(/[@.]/), ...name.split(/\s+/), nickname, 'portcullis']
    .map((word) => word.normalize('NFC').toLowerCase())
    .filter((word) => word.length >= 3)
    .toSorted((one, other) => other.length - one.length);
  const rest = known.reduce((left, word) => left.replaceAll(word, ''), folded);
  return rest !== folded && rest.length < FEW;
}
