import { readChallenge } from './challenge.ts';
import { Failure, failureOf } from './failure.ts';
import { problemOf } from './problem.ts';

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** The access token for the API; `renew` asks the issuer even if one at hand is not yet over. */
export type AccessTokenSource = (options: { readonly renew: boolean }) => Promise<string>;

/** The menu API over HTTP. Every answer but success becomes a {@link Failure}. */
export class ApiClient {
  readonly baseUrl: string;
  readonly #accessToken: AccessTokenSource;

  constructor(baseUrl: string, accessToken: AccessTokenSource) {
    this.baseUrl = baseUrl;
    this.#accessToken = accessToken;
  }

  /** Without any credential: what is public stays readable whatever became of one's sign-in. */
  async read(path: string, signal?: AbortSignal): Promise<Response> {
    return refuseFailure(await this.#send(path, signal ? { signal } : {}));
  }

  /** With the caller's access token; renewed once if the API calls it invalid. */
  async call(path: string, request: ApiRequest = {}): Promise<Response> {
    const response = await this.#send(path, request, await this.#accessToken({ renew: false }));
    const { error } = readChallenge(response.headers.get('www-authenticate'));
    if (response.status !== 401 || error !== 'invalid_token') return refuseFailure(response);
    return refuseFailure(await this.#send(path, request, await this.#accessToken({ renew: true })));
  }

  async #send(path: string, request: ApiRequest, token?: string): Promise<Response> {
    const headers = new Headers(request.headers);
    headers.set('accept', 'application/json');
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    if (request.body !== undefined) headers.set('content-type', 'application/json');
    try {
      return await fetch(new URL(path, `${this.baseUrl}/`), {
        method: request.method ?? 'GET',
        headers,
        // Kept answers are always checked against their ETag before they are shown.
        cache: 'no-cache',
        credentials: 'omit',
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        ...(request.signal ? { signal: request.signal } : {}),
      });
    } catch (cause) {
      if (request.signal?.aborted) throw cause;
      throw new Failure('unreachable');
    }
  }
}

async function refuseFailure(response: Response): Promise<Response> {
  if (response.ok) return response;
  const challenge = readChallenge(response.headers.get('www-authenticate'));
  throw failureOf(response.status, await problemOf(response), challenge);
}
