/** A value from outside as it may be shown: short, printable, and without the user and password of an address. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? withoutPassword(value) : (JSON.stringify(value) ?? 'nothing');
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return typeof value === 'string' ? `"${shown}"` : shown;
}

/** Control characters would be commands to a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{C}\n]/gu, '\u{fffd}');
}

function withoutPassword(text: string): string {
  return text.replace(/^((?:[a-z][a-z0-9+.-]*:)?\/\/)[^/?#]*@/i, '$1');
}
