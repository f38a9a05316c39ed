import { readCompactJws, type CompactJws } from '../compact-jws.ts';
import { DpopProofInvalid, TokenMalformed } from '../errors.ts';

/** Enough for the longest keys in use; a proof is about 500 characters long. */
const MAX_LENGTH = 8 * 1024;

/** @throws DpopProofInvalid unless there is exactly one proof (RFC 9449 4.3), in its one canonical spelling */
export function readProof(proof: string | undefined): CompactJws {
  if (typeof proof !== 'string' || proof === '') throw new DpopProofInvalid('is absent');
  if (proof.length > MAX_LENGTH) throw new DpopProofInvalid(`is longer than ${MAX_LENGTH} characters`);
  // Servers join header fields of one name with commas (RFC 9110 5.3).
  if (/[\s,]/.test(proof)) throw new DpopProofInvalid('must be one, without commas and spaces');
  try {
    return readCompactJws(proof);
  } catch (cause) {
    if (!(cause instanceof TokenMalformed)) throw cause;
    throw new DpopProofInvalid('is not a compact JWS in its canonical spelling', { cause });
  }
}
