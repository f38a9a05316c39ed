export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Reads one challenge strictly (RFC 9110, 11.6.1): anything beyond its grammar is an error. */
export function parseChallenge(field: string | null | undefined): Challenge {
  const [, scheme, rest] = /^([A-Za-z]+) (.+)$/.exec(field ?? '') ?? [];
  if (scheme === undefined || rest === undefined) throw new SyntaxError(`no challenge: ${String(field)}`);
  const parameters: Record<string, string> = {};
  let at = 0;
  while (at < rest.length) {
    const [whole, name, value] =
      /^(?:, )?([a-z_]+)="([\x20\x21\x23-\x5b\x5d-\x7e]*)"(?=, |$)/.exec(rest.slice(at)) ?? [];
    if (whole === undefined || name === undefined || value === undefined || Object.hasOwn(parameters, name))
      throw new SyntaxError(`broken challenge: ${String(field)}`);
    parameters[name] = value;
    at += whole.length;
  }
  return { scheme, parameters };
}
