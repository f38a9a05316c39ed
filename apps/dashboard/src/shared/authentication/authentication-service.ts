import type { Auth0Client } from '@auth0/auth0-spa-js';
import { BehaviorSubject } from 'rxjs';
import { ApiClient } from '../api-client.ts';
import { Failure } from '../failure.ts';
import { asFailure } from '../use-loaded.ts';
import type { Arrival, AuthenticationState, SignedIn } from './authentication-state.ts';
import { returnPath } from './return-path.ts';
import { sessionHint, sessionHintOfOtherTabs } from './session-hint.ts';
import { needsSignIn, signInErrorWords } from './sign-in-error.ts';
import { whoAmI } from './who-am-i.ts';

export const CALLBACK_PATH = '/home';

/**
 * Who is signed in, on a stream. Tokens stay inside the SDK: the refresh token in its worker, the
 * access token in memory, handed to the API client alone.
 */
export class AuthenticationService {
  readonly state = new BehaviorSubject<AuthenticationState>({ status: 'loading' });
  readonly api: ApiClient;
  readonly #openClient: () => Promise<Auth0Client>;
  #client: Promise<Auth0Client> | undefined;

  constructor(openClient: () => Promise<Auth0Client>, apiUrl: string) {
    this.#openClient = openClient;
    this.api = new ApiClient(apiUrl, (options) => this.#accessToken(options));
    sessionHintOfOtherTabs.subscribe((signedIn) => void this.#followOtherTab(signedIn));
  }

  /**
   * Finishes a sign-in that is coming back, or restores the session silently.
   *
   * @returns the path to show instead of the callback's, if this was one
   */
  async start(): Promise<string | undefined> {
    const query = new URLSearchParams(location.search);
    const isCallback =
      location.pathname === CALLBACK_PATH && query.has('state') && (query.has('code') || query.has('error'));
    if (isCallback) return this.#finishSignIn();
    await this.restore();
    return undefined;
  }

  /** Silent authentication: a hidden frame asks the issuer, which knows its own session. */
  async restore(): Promise<void> {
    if (!sessionHint.get()) return this.state.next({ status: 'anonymous' });
    this.state.next({ status: 'loading' });
    try {
      const client = await this.#open();
      await client.getTokenSilently();
      await this.#signedIn('silent');
    } catch (error) {
      if (needsSignIn(error)) this.#becomeAnonymous();
      else this.state.next({ status: 'error', message: signInErrorWords(error) });
    }
  }

  /** Leaves for the issuer's sign-in page; comes back to `from`. */
  async signIn(from: string, maxAge?: number): Promise<void> {
    try {
      const client = await this.#open();
      await client.loginWithRedirect({
        appState: { returnTo: returnPath(from, location.origin) },
        ...(maxAge === undefined ? {} : { authorizationParams: { max_age: maxAge } }),
      });
    } catch (error) {
      this.state.next({ status: 'error', message: signInErrorWords(error) });
    }
  }

  /** Ends the session here, in the other tabs, and at the issuer. */
  async signOut(): Promise<void> {
    sessionHint.clear();
    try {
      const client = await this.#open();
      await client.logout({ logoutParams: { returnTo: `${location.origin}${CALLBACK_PATH}` } });
    } catch (error) {
      this.state.next({ status: 'error', message: signInErrorWords(error) });
    }
  }

  /** Asks the API anew who it takes the caller for; with `renew`, on a new access token. */
  async refreshCaller({ renew = false } = {}): Promise<void> {
    const state = this.state.value;
    if (state.status !== 'signed-in') return;
    if (renew) await this.#accessToken({ renew: true });
    this.state.next({ ...state, ...(await this.#askCaller()) });
  }

  async #finishSignIn(): Promise<string> {
    const address = location.href;
    // The one-time code leaves the address bar before anything else can fail.
    history.replaceState(null, '', CALLBACK_PATH);
    try {
      const client = await this.#open();
      const { appState } = await client.handleRedirectCallback<{ returnTo?: unknown }>(address);
      await this.#signedIn('redirect');
      return returnPath(appState?.returnTo, location.origin);
    } catch (error) {
      if (sessionHint.get()) await this.restore();
      if (this.state.value.status !== 'signed-in') {
        this.state.next({ status: 'error', message: signInErrorWords(error) });
      }
      return CALLBACK_PATH;
    }
  }

  async #signedIn(arrival: Arrival): Promise<void> {
    const client = await this.#open();
    const claims = await client.getIdTokenClaims();
    if (!claims) return this.#becomeAnonymous();
    sessionHint.set();
    const signedIn: SignedIn = {
      status: 'signed-in',
      arrival,
      user: {
        name: claims.name ?? claims.email ?? 'Your account',
        email: claims.email,
        emailVerified: claims.email_verified ?? false,
        picture: claims.picture,
      },
      idToken: { issuer: claims.iss ?? '', subject: claims['sub'] ?? '', audience: claims.aud ?? '' },
      caller: undefined,
      callerFailure: undefined,
    };
    this.state.next({ ...signedIn, ...(await this.#askCaller()) });
  }

  async #askCaller(): Promise<Pick<SignedIn, 'caller' | 'callerFailure'>> {
    try {
      return { caller: await whoAmI(this.api), callerFailure: undefined };
    } catch (error) {
      return { caller: undefined, callerFailure: asFailure(error) };
    }
  }

  async #accessToken({ renew }: { readonly renew: boolean }): Promise<string> {
    try {
      const client = await this.#open();
      const token = await client.getTokenSilently({ cacheMode: renew ? 'off' : 'on' });
      if (token === undefined) throw new Failure('sign-in');
      return token;
    } catch (error) {
      if (error instanceof Failure) throw error;
      if (needsSignIn(error)) throw new Failure('sign-in');
      throw new Failure('unavailable', { problem: { detail: signInErrorWords(error) } });
    }
  }

  async #followOtherTab(signedIn: boolean): Promise<void> {
    const here = this.state.value.status;
    if (!signedIn && here === 'signed-in') {
      // The other tab ended the issuer's session; this forgets the tokens held here.
      await (await this.#open()).logout({ openUrl: false });
      this.state.next({ status: 'anonymous' });
    } else if (signedIn && here !== 'signed-in') {
      await this.restore();
    }
  }

  #becomeAnonymous(): void {
    sessionHint.clear();
    this.state.next({ status: 'anonymous' });
  }

  #open(): Promise<Auth0Client> {
    this.#client ??= this.#openClient().catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }
}
