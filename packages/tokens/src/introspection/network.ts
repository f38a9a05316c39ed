import { isIPv6 } from 'node:net';

/** Groups of an IPv6 address that are a network; whoever has one chooses the rest (RFC 4291 2.5.4). */
const GROUPS = 4;

/**
 * Who an address stands for: itself, or the /64 network of an IPv6 address. An IPv4 address within an IPv6 one is that
 * IPv4 address (RFC 4291 2.5.5.2).
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.split('%', 1).join('').split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = Array.from({ length: Math.max(8 - before.length - after.length, 0) }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, GROUPS).join(':')}::/64`;
}

function groupsOf(text: string): readonly string[] {
  // An IPv4 address at the end fills two groups, which are never among the first four.
  const groups = text.replace(/\d+\.\d+\.\d+\.\d+$/, '0:0').split(':');
  return text === '' ? [] : groups.map((group) => Number.parseInt(group, 16).toString(16));
}
