import type { Answer } from './responder.ts';

/** A refusal by the issuer (RFC 6749 5.2). */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly answer: Answer;

  constructor(
    status: number,
    error: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.answer = { status, body: { error, error_description: message }, headers };
  }
}
