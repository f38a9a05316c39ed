import type { Claims } from '../../claims.ts';
import { DpopProofInvalid } from '../../errors.ts';
import type { ProofCircumstances } from './rule.ts';

/** RFC 9449 4.3, 11.1: made a short while ago. */
export function iat(claims: Claims, { settings, now }: ProofCircumstances): number {
  const issued = claims['iat'];
  if (typeof issued !== 'number') throw new DpopProofInvalid('must have an "iat" claim that is a number');
  if (issued > now + settings.clockTolerance)
    throw new DpopProofInvalid('has an "iat" claim that lies in the future');
  if (issued < now - settings.proofLifetime - settings.clockTolerance)
    throw new DpopProofInvalid('is too old: make a new one for each request');
  return issued;
}
