import type { PermissionsUnknown } from '@portcullis/permissions';
import {
  DpopNonceRequired,
  errorCatalogue,
  type CredentialError,
  type VerificationUnavailable,
} from '@portcullis/tokens';
import { BEARER_ALONE, challengesOf, type AcceptedSchemes } from './accepted-schemes.ts';
import type { Scheme } from './challenge.ts';
import { createProblem, type Problem, type ProblemExtension } from './problem.ts';

/** The one way out for a request that may not pass; every door renders it alike. */
export class Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly problem: Problem;
  /** What whoever runs the API may try; for the log, never sent. */
  readonly hint: string | undefined;

  constructor(
    status: number,
    detail: string,
    headers: Readonly<Record<string, string>>,
    extension: ProblemExtension,
    hint?: string,
  ) {
    this.status = status;
    this.headers = Object.freeze({ 'cache-control': 'no-store', ...headers });
    this.problem = createProblem(status, detail, extension);
    this.hint = hint;
  }
}

/** What a caller lacks. `scope` is what to ask the issuer for; empty when asking again could not help. */
export interface PermissionLack {
  readonly missing: readonly string[];
  /** At least one of these is needed too. */
  readonly missingAny: readonly string[];
  readonly scope: readonly string[];
}

/** Nothing can be said now, of the credential or of what its holder may do. */
export type Unavailable = VerificationUnavailable | PermissionsUnknown;

/** The refusals of one protected API: each knows its status, its challenge and its words. */
export interface Refusals {
  /** @param used the scheme under which the credential came, if it had one that is known */
  malformedRequest(detail: string, used?: Scheme): Refusal;
  noCredential(): Refusal;
  /** @param used the scheme under which the credential came */
  badCredential(error: CredentialError, used?: Scheme): Refusal;
  unavailable(error: Unavailable): Refusal;
  wrongKind(expected: readonly string[], used?: Scheme): Refusal;
  insufficientPermissions(lack: PermissionLack, used?: Scheme): Refusal;
  loginTooOld(maxAge: number, used?: Scheme): Refusal;
  noRule(): Refusal;
}

/**
 * @param realm names the protected space in every challenge (RFC 9110, 11.5): the API's identifier
 * @param accepted the schemes to challenge for; default Bearer alone
 */
export function createRefusals(realm: string, accepted: AcceptedSchemes = BEARER_ALONE): Refusals {
  const challenge = (
    parameters: Readonly<Record<string, string | undefined>>,
    used: Scheme = 'Bearer',
  ): Readonly<Record<string, string>> => ({
    'www-authenticate': challengesOf(accepted, realm, used, parameters),
  });
  return {
    // RFC 6750, 3.1: invalid_request
    malformedRequest: (detail, used) =>
      new Refusal(400, detail, challenge({ error: 'invalid_request', error_description: detail }, used), {
        code: 'ERR_CREDENTIAL_REQUEST',
      }),
    // RFC 6750, 3: without a credential the challenge carries no error
    noCredential: () =>
      new Refusal(401, WITHOUT_CREDENTIAL[accepted.bearer ? 'Bearer' : 'DPoP'], challenge({}), {
        code: 'ERR_NO_CREDENTIAL',
      }),
    badCredential: (error, used) =>
      new Refusal(
        401,
        error.message,
        {
          ...challenge({ error: error.error, error_description: error.message }, used),
          // RFC 9449, 9
          ...(error instanceof DpopNonceRequired ? { 'dpop-nonce': error.nonce } : {}),
        },
        { code: error.code },
        error.hint,
      ),
    // No challenge: the credential may be good, and asking for another would log people out.
    unavailable: (error) =>
      new Refusal(
        error.code === 'ERR_PERMISSIONS_UNKNOWN' ? 503 : errorCatalogue[error.code].status,
        UNAVAILABLE[error.code],
        { 'retry-after': String(error.retryAfter) },
        { code: error.code },
        error.hint,
      ),
    wrongKind: (expected, used) =>
      new Refusal(
        403,
        `this is for a ${expected.join(' or a ')}`,
        challenge({ error: 'insufficient_scope' }, used),
        {
          code: 'ERR_CALLER_KIND',
        },
      ),
    // RFC 6750, 3.1: `scope` only where asking again with it could help
    insufficientPermissions: ({ missing, missingAny, scope }, used) =>
      new Refusal(
        403,
        `this needs ${[...allOf(missing), ...oneOf(missingAny)].join(' and ')}`,
        challenge(
          {
            error: 'insufficient_scope',
            scope: scope.length > 0 ? scope.join(' ') : undefined,
          },
          used,
        ),
        { code: 'ERR_INSUFFICIENT_PERMISSIONS', missingPermissions: [...missing, ...missingAny] },
      ),
    // RFC 9470, 3
    loginTooOld: (maxAge, used) =>
      new Refusal(
        401,
        `this needs a login within the last ${maxAge} seconds`,
        challenge(
          {
            error: 'insufficient_user_authentication',
            error_description: 'a more recent login is required',
            max_age: String(maxAge),
          },
          used,
        ),
        { code: 'ERR_LOGIN_TOO_OLD' },
      ),
    noRule: () =>
      new Refusal(403, 'nothing says who may do this, so nobody may', {}, { code: 'ERR_NO_RULE' }),
  };
}

const WITHOUT_CREDENTIAL: Readonly<Record<Scheme, string>> = {
  Bearer: 'this needs an access token: send "Authorization: Bearer <token>"',
  DPoP: 'this needs an access token and a proof: send "Authorization: DPoP <token>" and "DPoP: <proof>"',
};

const UNAVAILABLE: Readonly<Record<Unavailable['code'], string>> = {
  ERR_ISSUER_UNAVAILABLE:
    'the issuer of this token cannot be reached, so the token cannot be checked; try again later',
  ERR_REVOCATION_UNKNOWN: 'whether this token was revoked cannot be told now; try again later',
  ERR_REPLAY_UNKNOWN: 'whether this proof was used before cannot be told now; try again later',
  ERR_PERMISSIONS_UNKNOWN: 'what this caller may do cannot be told now; try again later',
  ERR_INTROSPECTION_LIMITED: 'too many unknown tokens came from this address; try again later',
};

function allOf(permissions: readonly string[]): readonly string[] {
  return permissions.length > 0 ? [`the permission ${permissions.join(', ')}`] : [];
}

function oneOf(permissions: readonly string[]): readonly string[] {
  return permissions.length > 1 ? [`one of the permissions ${permissions.join(', ')}`] : allOf(permissions);
}
