import { Unfit } from './refused-change.ts';

/** Characters: fewer where a password opens everything (rules of the house, 29). */
const SHORTEST = 8;
const SHORTEST_OF_ADMINISTRATORS = 15;
const LONGEST = 256;

/** @throws Unfit */
export function assertAcceptable(
  password: string,
  { administrates }: { readonly administrates: boolean },
): void {
  const length = [...password.normalize('NFC')].length;
  const shortest = administrates ? SHORTEST_OF_ADMINISTRATORS : SHORTEST;
  if (length >= shortest && length <= LONGEST) return;
  throw new Unfit(
    `PasswordStrengthError: the password must have ${shortest} to ${LONGEST} characters${administrates ? ', because this user administrates' : ''}`,
  );
}
