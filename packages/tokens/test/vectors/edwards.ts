import { createHash } from 'node:crypto';
import { integer } from './forgery.ts';

/** The prime of the field and the order of the group (RFC 8032 5.1). */
export const P = (1n << 255n) - 19n;
export const L = (1n << 252n) + 27742317777372353535851937790883648493n;

type Point = readonly [x: bigint, y: bigint];

const D = mod(-121665n * inverse(121666n));
const ROOT_OF_MINUS_ONE = pow(2n, (P - 1n) / 4n);
const BASE = decoded((4n * inverse(5n)) % P);

function mod(number: bigint): bigint {
  return ((number % P) + P) % P;
}

function pow(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, mod(base)];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

function inverse(number: bigint): bigint {
  return pow(number, P - 2n);
}

/** RFC 8032 5.1.3 without its refusals: a y beyond the prime and the sign of a zero are let through. */
function decoded(encoded: bigint): Point {
  const y = mod(encoded & ((1n << 255n) - 1n));
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n));
  let x = pow(square, (P + 3n) / 8n);
  if (mod(x * x) !== square) x = mod(x * ROOT_OF_MINUS_ONE);
  return (x & 1n) === encoded >> 255n ? [x, y] : [mod(-x), y];
}

function add([x1, y1]: Point, [x2, y2]: Point): Point {
  const product = mod(D * x1 * x2 * y1 * y2);
  return [mod((x1 * y2 + x2 * y1) * inverse(1n + product)), mod((y1 * y2 + x1 * x2) * inverse(1n - product))];
}

function times(factor: bigint, point: Point): Point {
  let [result, double]: [Point, Point] = [[0n, 1n], point];
  for (let left = factor; left > 0n; left >>= 1n) {
    if (left & 1n) result = add(result, double);
    double = add(double, double);
  }
  return result;
}

export const number = (bytes: Uint8Array): bigint => integer(Uint8Array.from(bytes).toReversed());

/** RFC 8032 5.1.7: what the public key is multiplied by. */
export function challenge(r: Uint8Array, publicKey: Uint8Array, input: string): bigint {
  return number(createHash('sha512').update(r).update(publicKey).update(input).digest()) % L;
}

/** RFC 8032 5.1.7, its equation and nothing else of it: the verification that forgeries are made for. */
export function equationHolds(publicKey: Uint8Array, signature: Uint8Array, input: string): boolean {
  const r = signature.subarray(0, 32);
  const left = times(number(signature.subarray(32)), BASE);
  const right = add(decoded(number(r)), times(challenge(r, publicKey, input), decoded(number(publicKey))));
  return left[0] === right[0] && left[1] === right[1];
}
