import type { Complaint } from '@portcullis/service';
import { z } from 'zod';

/** Values in the order of ISSUER_URL; an empty place is as if unset. */
export type Places = readonly (string | undefined)[];

const places = (value: string): Places => value.split(',').map((part) => part.trim() || undefined);

/** A variable with a value for each issuer. */
export const each = <Part extends z.ZodType<unknown, string>>(part: Part) =>
  z.string().transform(places).pipe(z.array(part.optional())).default([]);

/** With one issuer a secret is taken as it is: it may hold a comma. */
export function secretsOf(secret: string | undefined, issuers: number): Places {
  if (secret === undefined) return [];
  return issuers === 1 ? [secret] : places(secret);
}

/** A value for one issuer must not become another's: nothing is filled up or left over. */
export function wrongNumbers(
  lists: Readonly<Record<string, readonly unknown[]>>,
  issuers: number,
): readonly Complaint[] {
  return Object.entries(lists).flatMap(([variable, { length }]) => wrongNumber(variable, length, issuers));
}

function wrongNumber(variable: string, given: number, issuers: number): readonly Complaint[] {
  if (given === 0 || given === issuers) return [];
  const wrong = `has ${counted(given, 'value')}, and ISSUER_URL has ${counted(issuers, 'value')}: give one for each, in the same order; an empty place is as if unset`;
  return [
    { variable, wrong, example: Array.from({ length: issuers }, (_, place) => `<${place + 1}>`).join(',') },
  ];
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
