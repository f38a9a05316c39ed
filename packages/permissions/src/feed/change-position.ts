/** How far a log of changes was read. */
export interface ChangePosition {
  /** Of this copy of the log: a restored backup has another, and numbers of two copies say nothing of each other. */
  readonly incarnation: string;
  readonly number: number;
}

/** As in the `chg` claim and in the ids of the change stream: `<incarnation>:<number>`. */
export function writePosition({ incarnation, number }: ChangePosition): string {
  return `${incarnation}:${number}`;
}

/** Undefined for anything else. */
export function readPosition(written: unknown): ChangePosition | undefined {
  if (typeof written !== 'string') return undefined;
  const colon = written.lastIndexOf(':');
  const digits = written.slice(colon + 1);
  const number = Number(digits);
  if (colon < 1 || !/^\d{1,16}$/.test(digits) || !Number.isSafeInteger(number)) return undefined;
  return { incarnation: written.slice(0, colon), number };
}
