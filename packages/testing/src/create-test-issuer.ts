import type { IncomingMessage, ServerResponse } from 'node:http';
import { ClientAuthentication, type IntrospectionClient } from './client-authentication.ts';
import { issuerAddresses } from './issuer-addresses.ts';
import { startLoopbackServer } from './loopback-server.ts';
import { mintOf, type Mint } from './mint.ts';
import { OAuthError } from './oauth-error.ts';
import { postedForm } from './posted-form.ts';
import { respond, type Answer, type Responder } from './responder.ts';
import type { TestIssuer, TestIssuerOptions } from './test-issuer.ts';
import { createTestKey, type TestKey } from './test-key.ts';
import { tokenKinds, type Minting, type TokenKind } from './token-kinds.ts';
import { TokenRegister } from './token-register.ts';

/** Starts an issuer on a free port of 127.0.0.1: real keys, real HTTP. Stop it after the tests. */
export async function createTestIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  const { audience = 'https://api.example', algorithm = 'RS256', trailingSlash = true, path = '' } = options;
  const introspectionClient: IntrospectionClient = {
    // Whoever forgets to form-encode them for the Basic scheme is found out (RFC 6749 2.3.1).
    clientId: 'urn:test:api',
    clientSecret: 'test secret: 100% +/&= ä',
    key: options.introspectionClient?.key ?? (await createTestKey('ES256')),
    ...options.introspectionClient,
  };
  const register = new TokenRegister();
  const visits = { discovery: 0, keys: 0, introspection: 0 };
  let key = await createTestKey(algorithm);
  /** Those that are not withdrawn, whatever is published. */
  let keys: readonly TestKey[] = [key];
  let published: readonly unknown[] = [key.publicJwk];
  let keysResponder: Responder | undefined;
  let discoveryResponder: Responder | undefined;
  let introspectionResponder: Responder | undefined;

  const server = await startLoopbackServer((request, response) => void answer(request, response));
  const addresses = issuerAddresses(server.origin, path, trailingSlash);
  const { issuer } = addresses;
  const authentication = new ClientAuthentication(introspectionClient, [issuer, addresses.introspection]);
  const documents = options.metadata ? [addresses[options.metadata]] : [addresses.openid, addresses.oauth];

  function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = `${server.origin}${request.url}`;
    if (address === addresses.keys) {
      visits.keys++;
      const body = { keys: published };
      return respond(request, response, () => ({ status: 200, body }), keysResponder);
    }
    if (documents.includes(address)) {
      visits.discovery++;
      return respond(request, response, () => ({ status: 200, body: metadata() }), discoveryResponder);
    }
    if (address === addresses.introspection) {
      visits.introspection++;
      return respond(request, response, () => introspection(request), introspectionResponder);
    }
    return respond(request, response, () => ({ status: 404, body: { error: 'not_found' } }), undefined);
  }

  function metadata(): unknown {
    return { issuer, jwks_uri: addresses.keys, introspection_endpoint: addresses.introspection };
  }

  async function introspection(request: IncomingMessage): Promise<Answer> {
    try {
      const form = await postedForm(request);
      await authentication.check(request.headers.authorization, form);
      const token = form.get('token');
      if (token === undefined) throw new OAuthError(400, 'invalid_request', 'The token is missing.');
      const body = await register.introspect(token, issuer, keys);
      return { status: 200, body, headers: { 'cache-control': 'no-store' } };
    } catch (error) {
      if (error instanceof OAuthError) return error.answer;
      throw error;
    }
  }

  function minting(): Minting {
    const now = Math.floor(Date.now() / 1000);
    return { issuer, audience, apiClient: introspectionClient.clientId, now };
  }

  const mint = (kind: TokenKind, own = () => key): Mint => mintOf(kind, minting, own);
  const accessToken = mint(tokenKinds.accessToken);

  return {
    issuer,
    audience,
    jwksUri: addresses.keys,
    introspectionEndpoint: addresses.introspection,
    introspectionClient,
    visits,
    get key() {
      return key;
    },
    async accessToken(claims, { header = {}, key: signer = key } = {}) {
      const token = await accessToken(claims, { header, key: signer });
      register.addSigned(token, signer);
      return token;
    },
    idToken: mint(tokenKinds.idToken),
    refreshToken: mint(tokenKinds.refreshToken),
    logoutToken: mint(tokenKinds.logoutToken),
    userinfo: mint(tokenKinds.userinfo),
    authorizationResponse: mint(tokenKinds.authorizationResponse),
    introspectionResponse: mint(tokenKinds.introspectionResponse),
    securityEvent: mint(tokenKinds.securityEvent),
    clientAssertion: mint(tokenKinds.clientAssertion, () => introspectionClient.key),
    opaqueToken: (claims) => register.issueOpaque({ ...tokenKinds.accessToken.claims(minting()), ...claims }),
    revoke: (token) => register.revoke(token),
    async rotateKeys({ keep = false } = {}) {
      const old = key;
      key = await createTestKey(algorithm);
      keys = keep ? [old, key] : [key];
      published = keys.map(({ publicJwk }) => publicJwk);
    },
    publishKeys: (given) => void (published = given),
    answerKeysWith: (responder) => void (keysResponder = responder),
    answerDiscoveryWith: (responder) => void (discoveryResponder = responder),
    answerIntrospectionWith: (responder) => void (introspectionResponder = responder),
    pause: () => server.pause(),
    resume: () => server.resume(),
    stop: () => server.pause(),
  };
}
