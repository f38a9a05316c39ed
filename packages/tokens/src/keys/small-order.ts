/** The y of each Ed25519 point of small order, little-endian, in every spelling below 2^255 (RFC 8032 5.1.3). */
const ordinates: ReadonlySet<string> = new Set([
  `00${'00'.repeat(31)}`,
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
]);

/**
 * Whether anybody could sign for this public key. OpenSSL refuses such keys only since 3.5, so not in every Node.
 *
 * @param x of the JWK, in base64url
 */
export function isOfSmallOrder(x: string): boolean {
  const point = Buffer.from(x, 'base64url');
  const last = point.length - 1;
  point[last] = (point[last] ?? 0) & 0x7f; // the sign of the other coordinate
  return ordinates.has(point.toString('hex'));
}
