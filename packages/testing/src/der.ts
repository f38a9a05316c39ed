/** The few types of DER (X.690) that a certificate is made of. */
export const der = {
  sequence: (...members: readonly Uint8Array[]): Buffer => value(0x30, ...members),
  set: (...members: readonly Uint8Array[]): Buffer => value(0x31, ...members),
  octets: (content: Uint8Array): Buffer => value(0x04, content),
  /** Whole bytes only. */
  bits: (content: Uint8Array): Buffer => value(0x03, Buffer.from([0]), content),
  text: (content: string): Buffer => value(0x0c, Buffer.from(content)),
  /** @param magnitude big-endian, without a zero in front */
  integer: (magnitude: Uint8Array): Buffer =>
    // A set first bit would make it negative (X.690 8.3.3).
    value(0x02, Buffer.alloc((magnitude[0] ?? 0x80) >> 7), magnitude),
  /** Up to 2049, as RFC 5280 4.1.2.5 has it. */
  time: (moment: Date): Buffer =>
    value(0x17, Buffer.from(`${moment.toISOString().replaceAll(/\D/g, '').slice(2, 14)}Z`)),
  identifier: (dotted: string): Buffer => value(0x06, arcs(dotted)),
  /** `[number]`, constructed when it holds other values. */
  tagged: (number: number, content: Uint8Array, constructed = false): Buffer =>
    value(0x80 | number | (constructed ? 0x20 : 0), content),
} as const;

function value(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...length(content.length)]), content]);
}

/** X.690 8.1.3; two bytes are enough for any certificate. */
function length(bytes: number): readonly number[] {
  if (bytes < 0x80) return [bytes];
  return bytes < 0x100 ? [0x81, bytes] : [0x82, bytes >> 8, bytes & 0xff];
}

/** X.690 8.19: the first two arcs share a byte, the others are in base 128. */
function arcs(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return Buffer.from([first * 40 + second, ...rest.flatMap(base128)]);
}

function base128(arc: number): readonly number[] {
  const bytes = [arc & 0x7f];
  for (let left = arc >> 7; left > 0; left >>= 7) bytes.unshift(0x80 | (left & 0x7f));
  return bytes;
}
