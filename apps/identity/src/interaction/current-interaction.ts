import { ForbiddenException, Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errors, Provider, type Client } from 'oidc-provider';
import { FormToken } from './form-token.ts';

export type InteractionDetails = Awaited<ReturnType<Provider['interactionDetails']>>;

export interface CurrentInteraction {
  readonly details: InteractionDetails;
  readonly client: Client;
  readonly formToken: string;
  /** Where the answer goes; a device waits for its own. */
  readonly redirectUri: string | undefined;
}

/** The interaction that the path names, if this browser's cookie names the same. */
@Injectable()
export class Interactions {
  readonly #provider: Provider;
  readonly #formToken: FormToken;

  constructor(@Inject(Provider) provider: Provider, @Inject(FormToken) formToken: FormToken) {
    this.#provider = provider;
    this.#formToken = formToken;
  }

  /** @throws SessionNotFound when it is over, unknown or another browser's. */
  async current(uid: string, request: FastifyRequest, reply: FastifyReply): Promise<CurrentInteraction> {
    const details = await this.#provider.interactionDetails(request.raw, reply.raw);
    const client = await this.#provider.Client.find(String(details.params['client_id']));
    if (details.uid !== uid || !client) throw new errors.SessionNotFound('interaction mismatch');
    const redirectUri = details.params['redirect_uri'];
    return {
      details,
      client,
      formToken: this.#formToken.issue(details.uid),
      redirectUri: typeof redirectUri === 'string' ? redirectUri : undefined,
    };
  }

  /** The same for a form that was sent, with what it says. */
  async submitted(uid: string, request: FastifyRequest, reply: FastifyReply): Promise<CurrentInteraction> {
    const current = await this.current(uid, request, reply);
    const { body } = request;
    const presented = typeof body === 'object' && body !== null && 'form_token' in body && body.form_token;
    if (!this.#formToken.verify(current.details.uid, presented)) {
      throw new ForbiddenException('The form was not made by this page.');
    }
    return current;
  }
}
