import type { Binding } from '../binding.ts';
import type { Claims } from '../claims.ts';
import { BindingRefused } from '../errors.ts';
import { isRecord } from '../is-record.ts';

/** SHA-256 in base64url. */
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

/**
 * RFC 7800 3.1: what the token is bound to; undefined for a token that is not. Members that we do not know are
 * ignored beside one that we do (Keycloak adds some). A token with none that we know cannot be enforced.
 */
export function cnf(claims: Claims): Binding | undefined {
  const confirmation = claims['cnf'];
  if (confirmation === undefined) return undefined;
  if (!isRecord(confirmation)) throw new BindingRefused('the access token\'s "cnf" claim is not an object');
  const jkt = thumbprint(confirmation, 'jkt'); // RFC 9449 6.1
  const x5tS256 = thumbprint(confirmation, 'x5t#S256'); // RFC 8705 3.1
  if (jkt === undefined && x5tS256 === undefined) {
    throw new BindingRefused('the access token is bound in a way that this API cannot check');
  }
  return Object.freeze({
    ...(jkt === undefined ? {} : { jkt }),
    ...(x5tS256 === undefined ? {} : { x5tS256 }),
  });
}

function thumbprint(confirmation: Readonly<Record<string, unknown>>, member: string): string | undefined {
  const value = confirmation[member];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !THUMBPRINT.test(value)) {
    throw new BindingRefused(
      `the access token is bound by "cnf", whose "${member}" is not a SHA-256 thumbprint`,
    );
  }
  return value;
}
