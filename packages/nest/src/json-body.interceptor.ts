import {
  HttpException,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { BodyRefused, createProblem, readJsonBody, type JsonBodyOptions } from '@portcullis/http';
import type { Observable } from 'rxjs';
import { rawRequest } from './raw-request.ts';

const METHODS_WITH_BODY: ReadonlySet<string | undefined> = new Set(['POST', 'PUT', 'PATCH']);

/**
 * Reads the body after the guards, so that nobody without permission gets one parsed. Needs an
 * application whose own parsers are off: see `deferBodyParsing`.
 */
@Injectable()
export class JsonBodyInterceptor implements NestInterceptor {
  private readonly options: JsonBodyOptions;

  constructor(options: JsonBodyOptions = {}) {
    this.options = options;
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    if (context.getType() !== 'http') return next.handle();
    const request = rawRequest(context);
    if (METHODS_WITH_BODY.has(request.method)) {
      const host: { body?: unknown } = context.switchToHttp().getRequest();
      host.body = await readJsonBody(request, this.options).catch(refuse);
    }
    return next.handle();
  }
}

function refuse(error: unknown): never {
  if (error instanceof BodyRefused)
    throw new HttpException(createProblem(error.status, error.message), error.status);
  throw error;
}
