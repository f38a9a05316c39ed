import { isRecord } from '../is-record.ts';
import { jsonOf, send } from './answer.ts';

export interface ClientCredentials {
  readonly clientId: string;
  /** The secret, or what gives it when a token is asked for: it may come to be later than the API. */
  readonly clientSecret: string | (() => string | Promise<string>);
}

/** Seconds before its end at which a token is renewed, so that none expires on its way. */
const RENEWED_BEFORE = 10;

interface Held {
  readonly token: string;
  /** By the monotonic clock. */
  readonly goodUntil: number;
}

/** An access token for an API of the issuer, by client credentials (RFC 6749, 4.4): held until it is nearly over. */
export class ClientToken {
  readonly #endpoint: URL;
  readonly #audience: string;
  readonly #credentials: ClientCredentials;
  #held: Held | undefined;
  #flight: Promise<Held> | undefined;

  constructor(endpoint: URL, audience: string, credentials: ClientCredentials) {
    this.#endpoint = endpoint;
    this.#audience = audience;
    this.#credentials = credentials;
  }

  /** However many ask at once, one token is fetched. */
  async get(signal: AbortSignal): Promise<string> {
    if (this.#held !== undefined && performance.now() < this.#held.goodUntil) return this.#held.token;
    this.#flight ??= this.#fetch().finally(() => (this.#flight = undefined));
    return (await abortable(this.#flight, signal)).token;
  }

  /** Whoever was refused with this token asks for another; one that came meanwhile is kept. */
  drop(token: string): void {
    if (this.#held?.token === token) this.#held = undefined;
  }

  /** Has a time limit of its own: whoever gives up waiting does not take the token from the others. */
  async #fetch(): Promise<Held> {
    const { clientId, clientSecret } = this.#credentials;
    const secret = typeof clientSecret === 'function' ? await clientSecret() : clientSecret;
    const asked = performance.now();
    const response = await send(
      this.#endpoint,
      {
        method: 'POST',
        headers: { authorization: basic(clientId, secret), accept: 'application/json' },
        body: new URLSearchParams({ grant_type: 'client_credentials', audience: this.#audience }),
        signal: AbortSignal.timeout(FETCH_TIMEOUT),
      },
      WHO,
    );
    const answer = await jsonOf(response, WHO);
    const { access_token: token, expires_in: seconds } = isRecord(answer) ? answer : {};
    if (typeof token !== 'string' || token === '' || typeof seconds !== 'number')
      throw new Error(`${WHO} answered without a token`);
    this.#held = { token, goodUntil: asked + Math.max(seconds - RENEWED_BEFORE, 1) * 1000 };
    return this.#held;
  }
}

const WHO = 'the token endpoint';
const FETCH_TIMEOUT = 5000;

/** RFC 6749, 2.3.1: both halves are form-encoded first. */
function basic(clientId: string, secret: string): string {
  const pair = [clientId, secret].map((part) => new URLSearchParams({ '': part }).toString().slice(1));
  return `Basic ${Buffer.from(pair.join(':')).toString('base64')}`;
}

function abortable<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const given = Promise.withResolvers<Value>();
  const abort = (): void => given.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  promise.then(given.resolve, given.reject).finally(() => signal.removeEventListener('abort', abort));
  return given.promise;
}
