import {
  ForbiddenException,
  Inject,
  Injectable,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Provider } from 'oidc-provider';

/** Refuses a form that another origin's page sent, by Fetch Metadata or, from older browsers, by Origin. */
@Injectable()
export class SameOriginGuard implements CanActivate {
  readonly #origin: string;

  constructor(@Inject(Provider) provider: Provider) {
    this.#origin = new URL(provider.issuer).origin;
  }

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    const site = headers['sec-fetch-site'];
    // Without a referrer a browser writes `Origin: null` on our own forms, so that Fetch Metadata goes first.
    const same = site === undefined ? headers.origin === this.#origin : site === 'same-origin';
    if (!same) throw new ForbiddenException('The form was sent from another site.');
    return true;
  }
}
