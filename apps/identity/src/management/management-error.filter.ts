import { STATUS_CODES } from 'node:http';
import { Catch, HttpException, Inject, Injectable, type ArgumentsHost } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Refusal } from '@portcullis/http';
import { ProblemDetailsFilter, RefusedException } from '@portcullis/nest';
import { isDatabaseAway, type Log } from '@portcullis/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RefusedChange } from '../authority/refused-change.ts';
import { LOG } from '../identity.tokens.ts';
import { Overloaded } from '../people/turnstile.ts';
import { InputInvalid } from './input.pipe.ts';
import { RateLimit, RateLimited } from './rate-limit.ts';

/** An error as Auth0's Management API writes it. */
interface ManagementError {
  readonly statusCode: number;
  readonly message: string;
  readonly errorCode?: string;
  readonly attributes?: { readonly error: string };
  readonly missingPermissions?: readonly string[];
}

const PATH = '/api/v2';

export function isManagementPath(url: string | undefined): boolean {
  return url === PATH || (url?.startsWith(`${PATH}/`) ?? false) || (url?.startsWith(`${PATH}?`) ?? false);
}

/** Errors of the Management API in Auth0's shape, all others as problem details. */
@Catch()
@Injectable()
export class ManagementErrorFilter extends ProblemDetailsFilter {
  readonly #limit: RateLimit;
  readonly #log: Log;

  constructor(
    @Inject(HttpAdapterHost) adapter: HttpAdapterHost,
    @Inject(RateLimit) limit: RateLimit,
    @Inject(LOG) log: Log,
  ) {
    super(adapter);
    this.#limit = limit;
    this.#log = log;
  }

  override catch(exception: unknown, host: ArgumentsHost): unknown {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    // oxlint-disable-next-line promise/valid-params -- a filter's catch, not a promise's
    if (!isManagementPath(request.raw.url)) return super.catch(exception, host);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (exception instanceof RefusedException) void reply.headers(exception.refusal.headers);
    // Whoever was not let in to a handler has not been counted yet.
    const counted = reply.hasHeader('X-RateLimit-Limit') || this.#limit.take(request, reply);
    const retryAfter = secondsToWait(exception);
    if (retryAfter !== undefined) void reply.header('Retry-After', retryAfter);
    const { statusCode, ...error } = counted ? this.#answerTo(exception) : errorOfHttp(new RateLimited());
    return reply
      .status(statusCode)
      .type('application/json; charset=utf-8')
      .send({ statusCode, error: STATUS_CODES[statusCode] ?? 'Error', ...error });
  }

  #answerTo(exception: unknown): ManagementError {
    if (exception instanceof RefusedException) return errorOfRefusal(exception.refusal);
    if (exception instanceof RefusedChange) {
      return { statusCode: exception.status, message: exception.message, errorCode: exception.code };
    }
    if (exception instanceof HttpException) return errorOfHttp(exception);
    const status = statusOfFastify(exception);
    if (status !== undefined) {
      return {
        statusCode: status,
        message: STATUS_CODES[status] ?? 'Bad Request',
        errorCode: 'invalid_request',
      };
    }
    if (secondsToWait(exception) !== undefined) {
      return { statusCode: 503, message: 'The service cannot answer now: try again later' };
    }
    this.#log.error({ err: exception }, 'request failed');
    return { statusCode: 500, message: 'An internal server error occurred' };
  }
}

/** Of what passes by itself: a database that is away, too many passwords to hash. */
function secondsToWait(exception: unknown): string | undefined {
  if (isDatabaseAway(exception)) return '1';
  return exception instanceof Overloaded ? '10' : undefined;
}

function errorOfHttp(exception: HttpException): ManagementError {
  const statusCode = exception.getStatus();
  if (exception instanceof InputInvalid)
    return { statusCode, message: exception.message, errorCode: exception.code };
  if (exception instanceof RateLimited)
    return { statusCode, message: exception.message, errorCode: 'too_many_requests' };
  if (statusCode === 400) return { statusCode, message: exception.message, errorCode: 'invalid_body' };
  // Nest's own 404 repeats the address, and with it whatever its query holds.
  return { statusCode, message: statusCode === 404 ? 'Not Found' : exception.message };
}

function errorOfRefusal({ status: statusCode, problem }: Refusal): ManagementError {
  switch (problem.code) {
    case 'ERR_NO_CREDENTIAL':
      return unauthorized('Missing authentication');
    case 'ERR_TOKEN_EXPIRED':
      return unauthorized('Expired token received for JSON Web Token validation');
    case 'ERR_CREDENTIAL_REQUEST':
      return { statusCode, message: 'Bad HTTP authentication header format', errorCode: 'invalid_request' };
    case 'ERR_LOGIN_TOO_OLD':
      return { statusCode, message: problem.detail, errorCode: 'insufficient_user_authentication' };
    case 'ERR_INSUFFICIENT_PERMISSIONS': {
      const missing = problem.missingPermissions ?? [];
      return {
        statusCode,
        message: `Insufficient scope, expected any of: ${missing.join(',')}`,
        errorCode: 'insufficient_scope',
      };
    }
    default:
      return statusCode === 401
        ? unauthorized('Invalid token')
        : { statusCode, message: problem.detail, errorCode: 'insufficient_scope' };
  }
}

function unauthorized(message: string): ManagementError {
  return { statusCode: 401, message, attributes: { error: message } };
}

/** A body that is too large, a media type that is not read here. */
function statusOfFastify(exception: unknown): number | undefined {
  if (!(exception instanceof Error) || !('statusCode' in exception) || !('code' in exception))
    return undefined;
  const { statusCode, code } = exception;
  const known = typeof code === 'string' && code.startsWith('FST_ERR_');
  return known && typeof statusCode === 'number' && statusCode < 500 ? statusCode : undefined;
}
