import { StartRefused } from './start-refused.ts';

/** What is wrong with one variable of the environment, as the end of a sentence, and a value that would do. */
export interface Complaint {
  readonly variable: string;
  readonly wrong: string;
  readonly example?: string | undefined;
}

/** @throws StartRefused with a line for each, when there are any */
export function refuseAny(complaints: readonly Complaint[]): void {
  if (complaints.length > 0) refuse(complaints);
}

/** @throws StartRefused with a line for each */
export function refuse(complaints: readonly Complaint[]): never {
  throw new StartRefused(
    [
      'The configuration cannot be used:',
      ...complaints.map(
        ({ variable, wrong, example }) =>
          `  ${variable}: ${wrong}.${example === undefined ? '' : ` Example: ${variable}=${example}`}`,
      ),
    ].join('\n'),
  );
}
