import type { Algorithm } from './algorithm.ts';

/** Bytes of r and of s, which a JWS joins at full length (RFC 7518 3.4). */
const widths: ReadonlyMap<Algorithm, number> = new Map<Algorithm, number>([
  ['ES256', 32],
  ['ES384', 48],
  ['ES512', 66],
]);

/**
 * The ECDSA signature as OpenSSL reads it (RFC 3279 2.2.3); undefined when its length is not the algorithm's. Node
 * converts too, but on the main thread, at four times the cost of handing the finished form over (decision 11).
 */
export function derSignature(algorithm: Algorithm, signature: Buffer): Buffer | undefined {
  const width = widths.get(algorithm);
  if (width === undefined || signature.length !== 2 * width) return undefined;
  const r = firstByte(signature, 0, width);
  const s = firstByte(signature, width, 2 * width);
  const rLength = lengthFrom(signature, r, width);
  const sLength = lengthFrom(signature, s, 2 * width);
  const length = 2 + rLength + 2 + sLength;
  const header = length < 0x80 ? [0x30, length] : [0x30, 0x81, length];

  const der = Buffer.alloc(header.length + length);
  der.set(header);
  writeInteger(der, header.length, signature.subarray(r, width), rLength);
  writeInteger(der, header.length + 2 + rLength, signature.subarray(s), sLength);
  return der;
}

/** Past leading zeros, but not past the last byte. */
function firstByte(signature: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end - 1 && signature[at] === 0) at++;
  return at;
}

/** A number whose top bit is set gets a zero before it: else it would read as negative. */
function lengthFrom(signature: Buffer, first: number, end: number): number {
  return end - first + ((signature[first] ?? 0) >= 0x80 ? 1 : 0);
}

function writeInteger(der: Buffer, at: number, digits: Buffer, length: number): void {
  der[at] = 0x02;
  der[at + 1] = length;
  der.set(digits, at + 2 + length - digits.length);
}
