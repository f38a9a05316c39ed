import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { isDatabaseAway, type Log } from '@portcullis/service';
import type { FastifyReply } from 'fastify';
import { errors } from 'oidc-provider';
import { ErrorPage, StartAgainPage } from '../pages/error.page.tsx';
import { renderPage } from '../pages/layout.page.tsx';
import { LOG } from '../identity.tokens.ts';
import { Overloaded } from '../people/turnstile.ts';

const BUSY = 'Very many people are logging in at this moment. Please go back and try again in a few seconds.';

/** Shows a page for what went wrong; what we did not foresee goes to the log and is not shown. */
@Catch()
export class PageExceptionFilter implements ExceptionFilter {
  readonly #log: Log;

  constructor(@Inject(LOG) log: Log) {
    this.#log = log;
  }

  catch(exception: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    void reply.type('text/html; charset=utf-8');
    if (exception instanceof errors.SessionNotFound) {
      void reply.status(400).send(renderPage(<StartAgainPage />));
      return;
    }
    if (exception instanceof Overloaded) {
      void reply.status(503).header('Retry-After', '10');
      void reply.send(renderPage(<ErrorPage error="503" description={BUSY} />));
      return;
    }
    const away = isDatabaseAway(exception);
    const status = away ? 503 : statusOf(exception);
    if (away) void reply.header('Retry-After', '1');
    else if (status >= 500) this.#log.error({ err: exception }, 'request failed');
    const description =
      exception instanceof HttpException && status < 500
        ? exception.message
        : 'Something went wrong here. Please try again.';
    void reply
      .status(status)
      .send(renderPage(<ErrorPage error={String(status)} description={description} />));
  }
}

function statusOf(exception: unknown): number {
  if (exception instanceof HttpException) return exception.getStatus();
  // Fastify's own refusals, such as a body that is too large.
  const code = exception instanceof Error && 'statusCode' in exception ? exception.statusCode : 500;
  return typeof code === 'number' && code >= 400 && code < 600 ? code : 500;
}
