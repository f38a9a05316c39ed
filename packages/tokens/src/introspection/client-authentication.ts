import { createPublicKey, randomUUID } from 'node:crypto';
import { algorithmsOf, isAlgorithm } from '../algorithm.ts';
import { isRecord } from '../is-record.ts';
import type { ClientAuthentication } from './introspection-options.ts';

/** What goes into one request to show who asks. */
export interface RequestAuthentication {
  readonly headers: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
}

export type Authenticate = () => RequestAuthentication | Promise<RequestAuthentication>;

/** Seconds that an assertion is good for. */
const ASSERTION_LIFETIME = 60;

/**
 * @param issuer the audience of an assertion
 * @throws TypeError naming the option that is wrong
 */
export function clientAuthentication(options: ClientAuthentication, issuer: string): Authenticate {
  if (!isRecord(options)) {
    throw new TypeError('"introspection.authentication" must be set: it says how this API shows who it is');
  }
  const { clientId } = options;
  if (typeof clientId !== 'string' || clientId === '') throw missing('clientId');
  if (options.method === 'private_key_jwt') return byAssertion(options, issuer);
  const { method = 'client_secret_basic', clientSecret } = options;
  if (typeof clientSecret !== 'string' || clientSecret === '') throw missing('clientSecret');
  if (method === 'client_secret_basic') return byHeader(clientId, clientSecret);
  if (method === 'client_secret_post') {
    const parameters = { client_id: clientId, client_secret: clientSecret };
    return () => ({ headers: {}, parameters });
  }
  throw new TypeError(
    '"introspection.authentication.method" must be client_secret_basic, client_secret_post or private_key_jwt',
  );
}

/** RFC 6749 2.3.1: both halves are form-encoded first. */
function byHeader(clientId: string, clientSecret: string): Authenticate {
  const pair = [clientId, clientSecret].map(formEncoded).join(':');
  const headers = { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  return () => ({ headers, parameters: {} });
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

/** RFC 7523 2.2 and 3. The audience is the issuer, so that no other endpoint of anybody's can use it. */
function byAssertion(
  options: Extract<ClientAuthentication, { method: 'private_key_jwt' }>,
  issuer: string,
): Authenticate {
  const { clientId, privateKey, algorithm: alg = 'RS256', keyId } = options;
  if (!isAlgorithm(alg))
    throw new TypeError('"introspection.authentication.algorithm" must be an asymmetric algorithm');
  if (privateKey?.type !== 'private') throw missing('privateKey');
  const { kty, crv } = createPublicKey(privateKey).export({ format: 'jwk' });
  if (!algorithmsOf(kty, crv).includes(alg))
    throw new TypeError('"introspection.authentication.algorithm" is not one of the privateKey');
  return async () => {
    const { SignJWT } = await import('jose/jwt/sign'); // of whom most APIs, which introspect nothing, need nothing
    const assertion = await new SignJWT()
      .setProtectedHeader({ alg, ...(keyId === undefined ? {} : { kid: keyId }) })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(issuer)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime(`${ASSERTION_LIFETIME}s`)
      .sign(privateKey);
    return {
      headers: {},
      parameters: {
        client_id: clientId,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      },
    };
  };
}

function missing(option: string): TypeError {
  return new TypeError(`"introspection.authentication.${option}" must be set`);
}
