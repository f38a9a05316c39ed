import { CredentialError, IssuerUnavailable } from '@portcullis/tokens';
import { bearerChallenge } from './challenge.ts';
import { createProblem, type Problem, type ProblemExtension } from './problem.ts';

/** The one way out for a request that may not pass; every door renders it alike. */
export class Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly problem: Problem;

  constructor(
    status: number,
    detail: string,
    headers: Readonly<Record<string, string>>,
    extension: ProblemExtension,
  ) {
    this.status = status;
    this.headers = Object.freeze({ 'cache-control': 'no-store', ...headers });
    this.problem = createProblem(status, detail, extension);
  }
}

/** What a caller lacks. `scope` is what to ask the issuer for; empty when asking again could not help. */
export interface PermissionLack {
  readonly missing: readonly string[];
  /** At least one of these is needed too. */
  readonly missingAny: readonly string[];
  readonly scope: readonly string[];
}

/** The refusals of one protected API: each knows its status, its challenge and its words. */
export interface Refusals {
  malformedRequest(detail: string): Refusal;
  noCredential(): Refusal;
  badCredential(error: CredentialError): Refusal;
  issuerUnavailable(error: IssuerUnavailable): Refusal;
  wrongKind(expected: readonly string[]): Refusal;
  insufficientPermissions(lack: PermissionLack): Refusal;
  loginTooOld(maxAge: number): Refusal;
  noRule(): Refusal;
}

/** @param realm names the protected space in every challenge (RFC 9110, 11.5): the API's identifier */
export function createRefusals(realm: string): Refusals {
  const challenge = (parameters: Readonly<Record<string, string | undefined>>) => ({
    'www-authenticate': bearerChallenge({ realm, ...parameters }),
  });
  return {
    // RFC 6750, 3.1: invalid_request
    malformedRequest: (detail) =>
      new Refusal(400, detail, challenge({ error: 'invalid_request', error_description: detail }), {
        code: 'ERR_CREDENTIAL_REQUEST',
      }),
    // RFC 6750, 3: without a credential the challenge carries no error
    noCredential: () =>
      new Refusal(401, 'this needs an access token: send "Authorization: Bearer <token>"', challenge({}), {
        code: 'ERR_NO_CREDENTIAL',
      }),
    badCredential: (error) =>
      new Refusal(
        401,
        error.message,
        challenge({ error: 'invalid_token', error_description: error.message }),
        {
          code: error.code,
        },
      ),
    // No challenge: the credential may be good, and asking for another would log people out.
    issuerUnavailable: (error) =>
      new Refusal(
        503,
        'the issuer of this token cannot be reached, so the token cannot be checked; try again later',
        { 'retry-after': String(error.retryAfter) },
        { code: error.code },
      ),
    wrongKind: (expected) =>
      new Refusal(
        403,
        `this is for a ${expected.join(' or a ')}`,
        challenge({ error: 'insufficient_scope' }),
        {
          code: 'ERR_CALLER_KIND',
        },
      ),
    // RFC 6750, 3.1: `scope` only where asking again with it could help
    insufficientPermissions: ({ missing, missingAny, scope }) =>
      new Refusal(
        403,
        `this needs ${[...allOf(missing), ...oneOf(missingAny)].join(' and ')}`,
        challenge({
          error: 'insufficient_scope',
          scope: scope.length > 0 ? scope.join(' ') : undefined,
        }),
        { code: 'ERR_INSUFFICIENT_PERMISSIONS', missingPermissions: [...missing, ...missingAny] },
      ),
    // RFC 9470, 3
    loginTooOld: (maxAge) =>
      new Refusal(
        401,
        `this needs a login within the last ${maxAge} seconds`,
        challenge({
          error: 'insufficient_user_authentication',
          error_description: 'a more recent login is required',
          max_age: String(maxAge),
        }),
        { code: 'ERR_LOGIN_TOO_OLD' },
      ),
    noRule: () =>
      new Refusal(403, 'nothing says who may do this, so nobody may', {}, { code: 'ERR_NO_RULE' }),
  };
}

function allOf(permissions: readonly string[]): readonly string[] {
  return permissions.length > 0 ? [`the permission ${permissions.join(', ')}`] : [];
}

function oneOf(permissions: readonly string[]): readonly string[] {
  return permissions.length > 1 ? [`one of the permissions ${permissions.join(', ')}`] : allOf(permissions);
}
