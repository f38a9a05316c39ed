import type { LogPosition } from './change-log.ts';

/** A position as one word, in the `chg` claim and as the id of an event: `<incarnation>:<number>`. */
export function writePosition({ incarnation, number }: LogPosition): string {
  return `${incarnation}:${number}`;
}

/** Undefined for anything else. */
export function readPosition(written: string | undefined): LogPosition | undefined {
  const [, incarnation, digits] = /^(.{1,100}):(\d{1,15})$/s.exec(written ?? '') ?? [];
  return incarnation === undefined ? undefined : { incarnation, number: Number(digits) };
}
