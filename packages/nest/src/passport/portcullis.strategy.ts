import {
  createAuthenticator,
  Refusal,
  whoIsCalling,
  type Authenticator,
  type AuthenticatorOptions,
  type Outcome,
} from '@portcullis/http';
import passport from 'passport';
import { nodeRequest } from '../raw-request.ts';
import { RefusedException } from '../refused.exception.ts';

/**
 * Portcullis's verifier as a Passport strategy, for Passport wherever it runs.
 *
 * | the request carries            | Passport's action                                                     |
 * |--------------------------------|-----------------------------------------------------------------------|
 * | a good credential              | `success` with the Caller                                             |
 * | none, or of an unknown scheme  | `fail` with the bare challenge: the next strategy may know who it is  |
 * | a bad one, or two              | `error` with a RefusedException (400, 401): no other strategy is asked |
 * | one that cannot be checked now | `error` with a RefusedException (503 with `Retry-After`)              |
 *
 * A bad credential is no `fail`, after which Passport would go on to the next strategy: the Authorization header decides
 * alone.
 */
export class PortcullisStrategy extends passport.Strategy {
  override readonly name = 'portcullis';
  private readonly authenticator: Authenticator;

  /**
   * @param options whom to trust and for which API, or an authenticator that was made before
   * @throws TypeError when the options could not protect anything (no issuer, no audience, …)
   */
  constructor(options: AuthenticatorOptions | Authenticator) {
    super();
    this.authenticator = 'authenticate' in options ? options : createAuthenticator(options);
  }

  /** @param request Node's, Express's or Fastify's */
  override authenticate(request: object): void {
    const outcome = whoIsCalling(nodeRequest(request), this.authenticator);
    if (outcome instanceof Promise) {
      outcome.then(
        (known) => this.settle(known),
        (error: unknown) => this.error(error),
      );
    } else this.settle(outcome);
  }

  private settle(outcome: Outcome): void {
    if (outcome instanceof Refusal) return this.error(new RefusedException(outcome));
    if (outcome !== undefined) return this.success(outcome);
    const { status, headers } = this.authenticator.refusals.noCredential();
    this.fail(headers['www-authenticate'], status);
  }
}
