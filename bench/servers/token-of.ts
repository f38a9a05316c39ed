import type { ExecutionContext } from '@nestjs/common';

interface Request {
  readonly headers: { readonly authorization?: string };
  readonly url: string;
}

/** The bearer token of a request; undefined on the public route. */
export function tokenOf(context: ExecutionContext): string | undefined {
  const { headers, url } = context.switchToHttp().getRequest<Request>();
  return url === '/public' ? undefined : (headers.authorization ?? '').replace(/^Bearer /, '');
}
