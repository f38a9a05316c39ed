import {
  Catch,
  HttpException,
  Inject,
  Logger,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { throwError } from 'rxjs';
import { createProblem, type Problem } from '@portcullis/http';
import { RefusedException } from './refused.exception.ts';
import { sendProblem } from './send-problem.ts';

const NO_STORE = { 'cache-control': 'no-store' };

/**
 * Every error of the application as problem details (RFC 9457). What a handler did not mean to say
 * is logged here and answered with 500 and nothing else. Errors of GraphQL are left to it.
 */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  private readonly log = new Logger('Problem');
  private readonly adapter: HttpAdapterHost;

  constructor(@Inject(HttpAdapterHost) adapter: HttpAdapterHost) {
    this.adapter = adapter;
  }

  catch(exception: unknown, host: ArgumentsHost): unknown {
    if (host.getType() === 'rpc')
      return throwError(() => toldOverRpc(exception) ?? this.problemOf(exception));
    if (host.getType<string>() === 'graphql') throw exception;
    const headers = exception instanceof RefusedException ? exception.refusal.headers : NO_STORE;
    return sendProblem(this.adapter, host, this.problemOf(exception), headers);
  }

  private problemOf(exception: unknown): Problem {
    if (exception instanceof HttpException) return problemOfHttp(exception);
    const status = frameworkStatus(exception);
    if (status !== undefined) return createProblem(status, 'the request cannot be taken as it is');
    this.log.error(exception);
    return createProblem(500, 'something went wrong on our side; it has been logged');
  }
}

/** What a handler of messages meant to say: the error of an RpcException, which is of an optional peer. */
function toldOverRpc(exception: unknown): object | undefined {
  if (!(exception instanceof Error) || !('getError' in exception)) return undefined;
  if (typeof exception.getError !== 'function') return undefined;
  const error: unknown = exception.getError();
  return typeof error === 'object' && error !== null ? error : { status: 'error', message: error };
}

function problemOfHttp(exception: HttpException): Problem {
  const body = exception.getResponse();
  if (isProblem(body)) return body;
  // Nest's own 404 repeats the address, and with it whatever its query holds.
  const unknownAddress = exception.getStatus() === 404 && exception.message.startsWith('Cannot ');
  return createProblem(
    exception.getStatus(),
    unknownAddress ? 'there is nothing at this address' : exception.message,
  );
}

function isProblem(body: string | object): body is Problem {
  return typeof body === 'object' && 'type' in body && 'detail' in body && 'statusCode' in body;
}

/**
 * Fastify's and Express's own refusals of a request (a bad URL, a length that lies). Any other error
 * with a `statusCode`, such as an upstream's answer, is not about this request.
 */
function frameworkStatus(exception: unknown): number | undefined {
  if (!(exception instanceof Error) || !('statusCode' in exception)) return undefined;
  const ofFastify =
    'code' in exception && typeof exception.code === 'string' && exception.code.startsWith('FST_ERR_');
  const ofExpress = exception instanceof URIError || ('expose' in exception && exception.expose === true);
  const { statusCode } = exception;
  if (!ofFastify && !ofExpress) return undefined;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}
