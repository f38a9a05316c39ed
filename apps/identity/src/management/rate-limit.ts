import { HttpException, Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { callerOf } from '@portcullis/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TokenBuckets } from './token-bucket.ts';

export class RateLimited extends HttpException {
  constructor() {
    super('Global limit has been reached', 429);
  }
}

/** One bucket for each client, and one for each address from which nobody was let in. */
@Injectable()
export class RateLimit {
  readonly #buckets: TokenBuckets;

  constructor(perSecond: number) {
    this.#buckets = new TokenBuckets(perSecond);
  }

  /** Takes one, and tells in the reply what is left. Returns whether there was one. */
  take(request: FastifyRequest, reply: FastifyReply): boolean {
    const client = callerOf(request.raw)?.client;
    const key = client === undefined ? `address ${request.ip}` : `client ${client}`;
    const { allowed, limit, remaining, reset } = this.#buckets.take(key);
    void reply.headers({
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': String(remaining),
      'X-RateLimit-Reset': String(reset),
      ...(allowed ? undefined : { 'Retry-After': '1' }),
    });
    return allowed;
  }
}

@Injectable()
export class RateLimitGuard implements CanActivate {
  readonly #limit: RateLimit;

  constructor(@Inject(RateLimit) limit: RateLimit) {
    this.#limit = limit;
  }

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    if (this.#limit.take(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>())) return true;
    throw new RateLimited();
  }
}
