import { AudienceMismatch, ClaimInvalid } from '../errors.ts';
import type { ClaimRule } from './rule.ts';

/** RFC 7519 4.1.3, RFC 9068 4: a string or a list of strings, one of which is this API, exactly. */
export const aud: ClaimRule = (claims, { settings }) => {
  const audience: unknown = claims['aud'];
  const members: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  const names = members.filter((member): member is string => typeof member === 'string' && member !== '');
  if (names.length === 0 || names.length !== members.length) {
    throw new ClaimInvalid('aud', 'a non-empty string or a list of them');
  }
  if (!names.some((name) => settings.audiences.has(name))) throw new AudienceMismatch();
};
