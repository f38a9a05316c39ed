/** A time for people and machines, in UTC: the page does not know where its reader is. */
export function Time({ at }: { readonly at: Date }) {
  const iso = at.toISOString();
  return <time dateTime={iso}>{`${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`}</time>;
}
