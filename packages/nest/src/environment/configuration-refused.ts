/** What is wrong with one variable, as the end of a sentence, and a value that would do. */
export interface Complaint {
  readonly variable: string;
  readonly wrong: string;
  readonly example?: string | undefined;
}

/** The environment cannot be used. The message names each variable, what is wrong and an example; never a value. */
export class ConfigurationRefused extends Error {
  override readonly name = 'ConfigurationRefused';

  constructor(complaints: readonly Complaint[]) {
    const lines = new Set(complaints.map(line)); // what is shared is wrong for each issuer alike
    super(['The configuration cannot be used:', ...lines].join('\n'));
  }
}

function line({ variable, wrong, example }: Complaint): string {
  return `  ${variable}: ${wrong}.${example === undefined ? '' : ` Example: ${variable}=${example}`}`;
}

/** @throws ConfigurationRefused when there are any */
export function refuseAny(complaints: readonly Complaint[]): void {
  if (complaints.length > 0) throw new ConfigurationRefused(complaints);
}
