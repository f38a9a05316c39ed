/** The largest price that the API takes, in cents. */
export const MAX_CENTS = 10_000_000;

/**
 * Dollars as typed ("5.99", "$1,250", "7.5") to integer cents, by their digits alone: no floating
 * point is ever involved. Undefined when it is not an amount with at most two decimals.
 */
export function centsFromDollars(typed: string): number | undefined {
  const match = /^\$?\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?$/.exec(typed.trim());
  if (!match) return undefined;
  const [, dollars = '', decimals = ''] = match;
  const digits = (dollars.replaceAll(',', '') + decimals.padEnd(2, '0')).replace(/^0+(?=\d)/, '');
  return digits.length > 15 ? undefined : Number(digits);
}

/** Integer cents to the dollars a form shows: 599 → "5.99". */
export function dollarsFromCents(cents: number): string {
  const digits = String(cents).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Integer cents to a price for reading: 125000 → "$1,250.00". */
export function priceOf(cents: number): string {
  const [dollars = '0', decimals = '00'] = dollarsFromCents(cents).split('.');
  return `$${dollars.replace(/\B(?=(\d{3})+$)/g, ',')}.${decimals}`;
}
