import type { Failure } from '../failure.ts';
import type { WhoAmI } from './who-am-i.ts';

/** From the ID token, for showing only. */
export interface User {
  readonly name: string;
  readonly email: string | undefined;
  readonly emailVerified: boolean;
  readonly picture: string | undefined;
}

/** How the session on this page came to be. */
export type Arrival = 'redirect' | 'silent';

export interface SignedIn {
  readonly status: 'signed-in';
  readonly user: User;
  readonly arrival: Arrival;
  /** Claims of the ID token, without the token. */
  readonly idToken: { readonly issuer: string; readonly subject: string; readonly audience: string };
  /** Undefined while the API has not said who it takes the caller for. */
  readonly caller: WhoAmI | undefined;
  /** Why the API could not be asked. */
  readonly callerFailure: Failure | undefined;
}

export type AuthenticationState =
  | { readonly status: 'loading' }
  | { readonly status: 'anonymous' }
  | SignedIn
  | { readonly status: 'error'; readonly message: string };

export function permits(state: AuthenticationState, permission: string): boolean {
  return state.status === 'signed-in' && (state.caller?.permissions.includes(permission) ?? false);
}
