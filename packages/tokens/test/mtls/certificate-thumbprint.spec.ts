import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { matchesCertificate } from '../../src/mtls/certificate-thumbprint.ts';

/** RFC 8705, appendix A. */
const certificate = new X509Certificate(
  [
    '-----BEGIN CERTIFICATE-----',
    'MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx',
    'ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG',
    'SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ',
    '/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID',
    'SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV',
    'bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=',
    '-----END CERTIFICATE-----',
  ].join('\n'),
).raw;
const thumbprint = 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0';

describe('a token bound to a certificate', () => {
  it('is good on a connection with that certificate', () => {
    expect(matchesCertificate(certificate, thumbprint)).toBe(true);
    expect(matchesCertificate(new Uint8Array(certificate), thumbprint)).toBe(true);
  });

  it('is refused without one', () => {
    expect(matchesCertificate(undefined, thumbprint)).toBe(false);
    // The hash of nothing must not open the door to nobody.
    expect(matchesCertificate(new Uint8Array(), '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU')).toBe(false);
  });

  it('is refused with another, or one byte changed', () => {
    for (const at of [0, 100, certificate.length - 1]) {
      const other = Buffer.from(certificate);
      other[at] = (other[at] ?? 0) ^ 1;
      expect(matchesCertificate(other, thumbprint)).toBe(false);
    }
    expect(matchesCertificate(Buffer.concat([certificate, Buffer.alloc(1)]), thumbprint)).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['padding', `${thumbprint}=`],
    ['another case', thumbprint.toLowerCase()],
    ['a part', thumbprint.slice(0, -1)],
    ['spare bits', `${thumbprint.slice(0, -1)}1`],
    ['hexadecimal', Buffer.from(thumbprint, 'base64url').toString('hex')],
    ['what is no ASCII', 'ü'.repeat(43)],
  ])('is refused when its thumbprint is spelled with %s', (_case, spelling) => {
    expect(matchesCertificate(certificate, spelling)).toBe(false);
  });
});
