import type { ArgumentsHost } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { PROBLEM_MEDIA_TYPE, type Problem } from '@portcullis/http';

export function sendProblem(
  { httpAdapter }: HttpAdapterHost,
  host: ArgumentsHost,
  problem: Problem,
  headers: Readonly<Record<string, string>>,
): void {
  const response: unknown = host.switchToHttp().getResponse();
  // A stream that broke, or a time limit that has answered: there is no status to change any more.
  if (httpAdapter.isHeadersSent(response)) return void httpAdapter.end(response);
  for (const [name, value] of Object.entries(headers)) httpAdapter.setHeader(response, name, value);
  httpAdapter.setHeader(response, 'content-type', PROBLEM_MEDIA_TYPE);
  httpAdapter.reply(response, JSON.stringify(problem), problem.status);
}
