import { ForbiddenException, Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHash, randomBytes } from 'node:crypto';
import { Provider } from 'oidc-provider';
import type { Actor } from '../changes/actor.ts';
import { ACCOUNT_CLIENT_ID, type ACCOUNT_PAGES } from '../clients/account-client.ts';
import { FormToken } from '../interaction/form-token.ts';
import { UserStore, type User } from '../people/user-store.ts';

/** Seconds: who logged in longer ago is asked again before a change that could lock them out. */
const RECENT = 15 * 60;

/** Somebody who is logged in, looking at their account. */
export interface AccountVisit {
  readonly user: User;
  readonly sessionUid: string;
  /** Logged in within the last quarter of an hour. */
  readonly recent: boolean;
  readonly formToken: string;
  readonly actor: Actor;
}

/** Who looks at the account pages: whoever the provider's own session says. */
@Injectable()
export class AccountVisits {
  readonly #provider: Provider;
  readonly #users: UserStore;
  readonly #formToken: FormToken;

  constructor(
    @Inject(Provider) provider: Provider,
    @Inject(UserStore) users: UserStore,
    @Inject(FormToken) formToken: FormToken,
  ) {
    this.#provider = provider;
    this.#users = users;
    this.#formToken = formToken;
  }

  /** Undefined: nobody is logged in. */
  async current(request: FastifyRequest, reply: FastifyReply): Promise<AccountVisit | undefined> {
    const session = await this.#provider.Session.get(this.#provider.createContext(request.raw, reply.raw));
    const user = session.accountId === undefined ? undefined : await this.#users.find(session.accountId);
    if (!user || user.blocked) return undefined;
    const { uid, loginTs = 0 } = session;
    return {
      user,
      sessionUid: uid,
      recent: Date.now() / 1000 - loginTs < RECENT,
      formToken: this.#formToken.issue(formOf(uid)),
      actor: { subject: user.id, client: ACCOUNT_CLIENT_ID, address: request.ip, requestId: request.id },
    };
  }

  /** @throws ForbiddenException when the form was not made for this session */
  verifyForm(visit: AccountVisit, { body }: FastifyRequest): void {
    const presented = typeof body === 'object' && body !== null && 'form_token' in body && body.form_token;
    if (!this.#formToken.verify(formOf(visit.sessionUid), presented)) {
      throw new ForbiddenException('The form was not made by this page.');
    }
  }

  /**
   * Where to log in, and return to the page. Whoever returns has a session, which is all that the page
   * needs; the code that comes along is never redeemed, and nobody knows its verifier.
   */
  loginAddress(page: (typeof ACCOUNT_PAGES)[number], options: { readonly recent?: boolean } = {}): string {
    const query = new URLSearchParams({
      client_id: ACCOUNT_CLIENT_ID,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: `${this.#provider.issuer}${page}`,
      code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
      code_challenge_method: 'S256',
      ...(options.recent ? { max_age: String(RECENT) } : undefined),
    });
    return `/authorize?${query.toString()}`;
  }
}

/** Apart from an interaction's forms, whatever the identifiers are. */
const formOf = (sessionUid: string): string => `account ${sessionUid}`;
