import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendRefusal } from '@portcullis/http';
import { RefusedException } from '../refused.exception.ts';

/**
 * For plain Passport on Express, mounted after the routes: what PortcullisStrategy refused is answered as every door
 * answers it, and any other error goes on to the next handler.
 */
export function refusedHandler(
  error: unknown,
  _request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
): void {
  if (error instanceof RefusedException) sendRefusal(response, error.refusal);
  else next(error);
}
