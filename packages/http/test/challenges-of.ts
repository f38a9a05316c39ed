import { parseChallenges } from './rfc9110.ts';

/** The challenges of an answer by their scheme, each of which may be there once. */
export function challengesOf({
  headers,
}: Response): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const field = headers.get('www-authenticate');
  const parsed = field === null ? [] : parseChallenges(field);
  const schemes = new Set(parsed.map(({ scheme }) => scheme));
  if (schemes.size !== parsed.length) throw new Error(`a scheme is challenged for twice: ${field}`);
  return Object.fromEntries(parsed.map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]));
}
