import { Unfit } from './refused-change.ts';

/** Characters: fewer where a password opens everything (rules of the house, 29). */
const SHORTEST = 8;
const SHORTEST_OF_ADMINISTRATORS = 15;
const LONGEST = 256;

/** Whose password it is to be. */
export interface PasswordOwner {
  readonly email: string;
  readonly name?: string | undefined;
  readonly nickname?: string | undefined;
  /** Holds permissions of the Management API. */
  readonly administers: boolean;
}

/** @throws Unfit */
export function assertAcceptable(password: string, { administers }: PasswordOwner): void {
  const length = [...password.normalize('NFC')].length;
  const shortest = administers ? SHORTEST_OF_ADMINISTRATORS : SHORTEST;
  if (length >= shortest && length <= LONGEST) return;
  throw new Unfit(`PasswordStrengthError: The password must have ${shortest} to ${LONGEST} characters.`);
}
