import { jwtVerify, type JWTPayload } from 'jose';
import { OAuthError } from './oauth-error.ts';
import type { Form } from './posted-form.ts';
import type { TestKey } from './test-key.ts';

/** The client that may introspect: the API. It may authenticate itself by its secret or by its key. */
export interface IntrospectionClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** For `private_key_jwt` (RFC 7523 2.2). */
  readonly key: TestKey;
}

/** Whether a request is the client's own. Each assertion is taken once. */
export class ClientAuthentication {
  readonly #client: IntrospectionClient;
  readonly #audiences: string[];
  readonly #used = new Set<string>();

  /** @param audiences what an assertion may name as its `aud` */
  constructor(client: IntrospectionClient, audiences: readonly string[]) {
    this.#client = client;
    this.#audiences = [...audiences];
  }

  /** @throws OAuthError unless the client authenticated itself by exactly one of the three ways */
  async check(authorization: string | undefined, form: Form): Promise<void> {
    const secret = form.get('client_secret');
    const assertion = form.get('client_assertion');
    const ways = [authorization, secret, assertion].filter((way) => way !== undefined);
    // RFC 6749 2.3
    if (ways.length > 1)
      throw new OAuthError(400, 'invalid_request', 'The client authenticated itself twice.');

    const trusted =
      (authorization !== undefined && this.#trustsBasic(authorization)) ||
      (secret !== undefined && this.#trusts(form.get('client_id'), secret)) ||
      (assertion !== undefined && (await this.#trustsAssertion(assertion, form)));
    if (!trusted) {
      // RFC 6749 5.2
      const challenge =
        authorization === undefined ? {} : { 'www-authenticate': 'Basic realm="test issuer"' };
      throw new OAuthError(401, 'invalid_client', 'The client is not authenticated.', challenge);
    }
  }

  #trusts(clientId: string | undefined, clientSecret: string): boolean {
    return clientId === this.#client.clientId && clientSecret === this.#client.clientSecret;
  }

  #trustsBasic(authorization: string): boolean {
    const [, credentials = ''] = /^Basic ([\w+/]+=*)$/i.exec(authorization) ?? [];
    const [, id = '', secret = ''] =
      /^([^:]*):(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? [];
    return this.#trusts(formDecoded(id), formDecoded(secret) ?? '');
  }

  async #trustsAssertion(assertion: string, form: Form): Promise<boolean> {
    const { clientId, key } = this.#client;
    if (form.get('client_assertion_type') !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
      return false;
    if ((form.get('client_id') ?? clientId) !== clientId) return false;
    const { jti } = await this.#assertionClaims(assertion, clientId, key);
    if (typeof jti !== 'string' || this.#used.has(jti)) return false;
    this.#used.add(jti);
    return true;
  }

  /** RFC 7523 3; no claims when the assertion is not the client's. */
  async #assertionClaims(assertion: string, clientId: string, key: TestKey): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(assertion, key.publicKey, {
        algorithms: [key.algorithm],
        issuer: clientId,
        subject: clientId,
        audience: this.#audiences,
        requiredClaims: ['exp', 'jti'],
      });
      return payload;
    } catch {
      return {};
    }
  }
}

/** RFC 6749 2.3.1: both halves are form-encoded before they are joined by a colon. */
function formDecoded(half: string): string | undefined {
  try {
    return decodeURIComponent(half.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
