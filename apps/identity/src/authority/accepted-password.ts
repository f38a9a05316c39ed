import { passwordObjection, type PasswordOwner } from '../people/password-policy.ts';
import { Unfit } from './refused-change.ts';

/** @throws Unfit */
export function assertAcceptable(password: string, owner: PasswordOwner): void {
  const objection = passwordObjection(password, owner);
  if (objection !== undefined) throw new Unfit(`PasswordStrengthError: The password ${objection}.`);
}
