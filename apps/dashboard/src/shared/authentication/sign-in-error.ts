import { GenericError } from '@auth0/auth0-spa-js';

/** The issuer wants to see the person: no session there, or one that no longer suffices. */
export function needsSignIn(error: unknown): boolean {
  return error instanceof GenericError && INTERACTION.has(error.error);
}

const INTERACTION = new Set([
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
  'invalid_grant',
  'missing_refresh_token',
  'missing_scopes',
]);

/** What the SDK or the issuer reported, in words, and never with anything secret in it. */
export function signInErrorWords(error: unknown): string {
  if (!(error instanceof GenericError)) {
    return 'The sign-in service could not be reached. Is it running?';
  }
  switch (error.error) {
    case 'timeout':
      return 'The sign-in service did not answer in time.';
    case 'access_denied':
      return 'Signing in was cancelled, or refused by the sign-in service.';
    case 'state_mismatch':
    case 'missing_transaction':
      return 'This sign-in was started elsewhere or has already been used. Start it again.';
    case 'login_required':
      return 'The sign-in service has no session for you any more. Sign in again.';
    default:
      return `The sign-in service answered "${error.error}".`;
  }
}
