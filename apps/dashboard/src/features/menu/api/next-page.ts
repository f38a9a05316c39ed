/** The `rel="next"` target of a `Link` header; only one at the server that sent it is followed. */
export function nextPage(link: string | null, from: string): string | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(link ?? '')?.[1];
  if (target === undefined) return undefined;
  const url = URL.parse(target, from);
  return url && url.origin === new URL(from).origin ? url.href : undefined;
}
