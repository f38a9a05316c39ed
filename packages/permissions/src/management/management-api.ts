import { text, trustedAddress } from '../option-values.ts';
import { jsonOf, send, UnexpectedStatus } from './answer.ts';
import { ClientToken, type ClientCredentials } from './client-token.ts';

/** Where the Management API of an issuer is, and as whom it is asked. */
export type ManagementApiOptions = {
  /** Its address, such as `https://login.example/api/v2/`. */
  readonly managementApi: string;
  /** Its identifier, for which tokens are asked. Default: its address. */
  readonly managementAudience?: string;
} & (
  | (ClientCredentials & {
      readonly tokenOf?: never;
      /** Default: `/oauth/token` at the same origin. */
      readonly tokenEndpoint?: string;
    })
  | {
      /** Gives a token that is good for now. Asked before each request, so it should remember it. */
      readonly tokenOf: () => string | Promise<string>;
      readonly clientId?: never;
      readonly clientSecret?: never;
      readonly tokenEndpoint?: never;
    }
);

export interface Asked {
  /** Below the API's address. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

const WHO = 'the Management API';

/** Asks the Management API of an issuer, ours or Auth0's, as a client of its own. */
export class ManagementApi {
  readonly #address: URL;
  readonly #token: Pick<ClientToken, 'get' | 'drop'>;

  /** @throws TypeError naming the option that is wrong */
  constructor(options: ManagementApiOptions) {
    this.#address = trustedAddress('managementApi', options.managementApi);
    if (!this.#address.pathname.endsWith('/'))
      throw new TypeError('"managementApi" must end in a slash, such as "https://login.example/api/v2/"');
    if (options.tokenOf !== undefined) {
      const { tokenOf } = options;
      this.#token = { get: async () => tokenOf(), drop: () => undefined };
      return;
    }
    const { tokenEndpoint, clientSecret } = options;
    const clientId = text('clientId', options.clientId);
    if (typeof clientSecret !== 'function') text('clientSecret', clientSecret);
    const endpoint =
      tokenEndpoint === undefined
        ? new URL('/oauth/token', this.#address)
        : trustedAddress('tokenEndpoint', tokenEndpoint);
    const audience = text('managementAudience', options.managementAudience ?? this.#address.href);
    this.#token = new ClientToken(endpoint, audience, { clientId, clientSecret });
  }

  /**
   * The answer's JSON.
   *
   * @throws UnexpectedStatus when it is not 200
   */
  async get(asked: Asked, signal: AbortSignal): Promise<unknown> {
    return jsonOf(await this.open(asked, signal), WHO);
  }

  /** The answer as it comes in. A token that is refused is renewed once: it may have been denied before its time. */
  async open(asked: Asked, signal: AbortSignal): Promise<Response> {
    const token = await this.#token.get(signal);
    try {
      return await this.#send(asked, token, signal);
    } catch (error) {
      if (!(error instanceof UnexpectedStatus) || error.status !== 401) throw error;
      this.#token.drop(token);
      return this.#send(asked, await this.#token.get(signal), signal);
    }
  }

  #send({ path, query = {}, headers = {} }: Asked, token: string, signal: AbortSignal): Promise<Response> {
    const url = new URL(path, this.#address);
    url.search = new URLSearchParams(query).toString();
    return send(
      url,
      { headers: { accept: 'application/json', ...headers, authorization: `Bearer ${token}` }, signal },
      WHO,
    );
  }
}
