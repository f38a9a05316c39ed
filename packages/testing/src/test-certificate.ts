import { createHash, randomBytes, sign, type KeyObject } from 'node:crypto';
import { der } from './der.ts';
import { createTestKey } from './test-key.ts';

/** A self-signed certificate on a P-256 key. `{ key, cert }` is what `node:tls` and `node:https` take. */
export interface TestCertificate {
  readonly der: Uint8Array;
  /** For a token bound to it: `accessToken({ cnf: { 'x5t#S256': x5tS256 } })` (RFC 8705 3.1). */
  readonly x5tS256: string;
  /** PEM. */
  readonly cert: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

export interface TestCertificateOptions {
  /** The common name of subject and issuer. Default `test-client`. */
  readonly name?: string;
  /** Default: an hour ago. */
  readonly notBefore?: Date;
  /** Default: in a day. At the latest in 2049. */
  readonly notAfter?: Date;
}

const HOUR = 3_600_000;

/** For a client, and as well for a server on `localhost` or 127.0.0.1 whose client has it as its `ca`. */
export async function createTestCertificate(options: TestCertificateOptions = {}): Promise<TestCertificate> {
  const { privateKey, publicKey } = await createTestKey('ES256');
  const algorithm = der.sequence(der.identifier('1.2.840.10045.4.3.2')); // ecdsa-with-SHA256
  const content = toBeSigned(options, algorithm, publicKey);
  const bytes = der.sequence(content, algorithm, der.bits(sign('sha256', content, privateKey)));
  const lines = bytes.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n');
  return {
    der: bytes,
    x5tS256: createHash('sha256').update(bytes).digest('base64url'),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** RFC 5280 4.1 */
function toBeSigned(options: TestCertificateOptions, algorithm: Uint8Array, publicKey: KeyObject): Buffer {
  const {
    name = 'test-client',
    notBefore = new Date(Date.now() - HOUR),
    notAfter = new Date(Date.now() + 24 * HOUR),
  } = options;
  const commonName = der.sequence(der.set(der.sequence(der.identifier('2.5.4.3'), der.text(name))));
  return der.sequence(
    der.tagged(0, der.integer(Buffer.from([2])), true), // version 3
    der.integer(Buffer.from([1, ...randomBytes(15)])),
    algorithm,
    commonName,
    der.sequence(der.time(notBefore), der.time(notAfter)),
    commonName,
    publicKey.export({ type: 'spki', format: 'der' }),
    der.tagged(3, der.sequence(subjectAlternativeName()), true),
  );
}

/** RFC 5280 4.2.1.6 */
function subjectAlternativeName(): Buffer {
  const hosts = der.sequence(
    der.tagged(2, Buffer.from('localhost')),
    der.tagged(7, Buffer.from([127, 0, 0, 1])),
  );
  return der.sequence(der.identifier('2.5.29.17'), der.octets(hosts));
}
