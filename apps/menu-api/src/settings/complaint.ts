import { StartRefused } from '@portcullis/service';

/** What is wrong with one variable, as the end of a sentence, and a value that would do. */
export interface Complaint {
  readonly variable: string;
  readonly wrong: string;
  readonly example?: string;
}

/** @throws StartRefused with a line for each, when there are any */
export function refuseAny(complaints: readonly Complaint[]): void {
  if (complaints.length === 0) return;
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
