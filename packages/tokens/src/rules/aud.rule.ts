import type { Claims } from '../claims.ts';
import { AudienceMismatch, ClaimInvalid } from '../errors.ts';
import type { ClaimRule } from './rule.ts';

/**
 * RFC 7519 4.1.3, RFC 9068 4: a string or a list of strings, one of which is this API, exactly. Where a provider
 * leaves `aud` out, only the claim that its preset names stands in.
 */
export const aud: ClaimRule = (claims, { settings }) => {
  const { audienceStandIn, audienceHint: hint } = settings.preset;
  const claim = claims['aud'] === undefined && audienceStandIn !== undefined ? audienceStandIn : 'aud';
  if (claims[claim] === undefined) throw new ClaimInvalid(claim, 'there, and name this API', { hint });
  const names = audienceOf(claims, claim);
  if (!names.some((name) => settings.audiences.has(name))) throw new AudienceMismatch({ hint });
};

/** @throws ClaimInvalid unless it is a non-empty string or a list of them */
export function audienceOf(claims: Claims, claim = 'aud'): readonly string[] {
  const audience: unknown = claims[claim];
  const members: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  if (members.length === 0 || !members.every(isName)) {
    throw new ClaimInvalid(claim, 'a non-empty string or a list of them');
  }
  return members;
}

function isName(member: unknown): member is string {
  return typeof member === 'string' && member !== '';
}
