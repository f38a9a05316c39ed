import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { throwError } from 'rxjs';
import { RefusedException } from './refused.exception.ts';
import { sendProblem } from './send-problem.ts';

/** Renders a Refusal as it is: its status, its headers, its problem. GraphQL renders it in its own way. */
@Catch(RefusedException)
export class RefusedFilter implements ExceptionFilter<RefusedException> {
  private readonly adapter: HttpAdapterHost;

  constructor(@Inject(HttpAdapterHost) adapter: HttpAdapterHost) {
    this.adapter = adapter;
  }

  catch(exception: RefusedException, host: ArgumentsHost): unknown {
    const { refusal } = exception;
    if (host.getType() === 'rpc') return throwError(() => ({ ...refusal.problem }));
    if (host.getType<string>() === 'graphql') throw exception;
    return sendProblem(this.adapter, host, refusal.problem, refusal.headers);
  }
}
