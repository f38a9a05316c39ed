import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { respond, type Responder } from './responder.ts';
import { signRaw } from './sign-raw.ts';
import { createTestKey, type TestKey } from './test-key.ts';

export interface TestIssuer {
  /** `http://127.0.0.1:<port>/`, with or without the slash as asked for. */
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri: string;
  /** The key that signs now. */
  readonly key: TestKey;
  /**
   * A valid access token (RFC 9068 2.2) without `scope` or `permissions`, valid for 600 seconds.
   * A claim or header parameter set to undefined is left out.
   */
  accessToken(
    claims?: Record<string, unknown>,
    options?: { header?: Record<string, unknown>; key?: TestKey },
  ): Promise<string>;
  /** A new key signs. The old one is withdrawn, or stays published when `keep` is set. */
  rotateKeys(options?: { keep?: boolean }): Promise<void>;
  /** Publishes these keys instead of the issuer's own, until the next rotation. */
  publishKeys(keys: readonly unknown[]): void;
  /** Faults for the key set; undefined ends them. */
  answerKeysWith(responder: Responder | undefined): void;
  /** Faults for the metadata; undefined ends them. */
  answerDiscoveryWith(responder: Responder | undefined): void;
  /** How often each document was asked for. */
  readonly visits: { readonly discovery: number; readonly keys: number };
  stop(): Promise<void>;
}

export interface TestIssuerOptions {
  /** Default `https://api.example`. */
  audience?: string;
  /** Default `RS256`. */
  algorithm?: 'RS256' | 'ES256' | 'EdDSA';
  /** Whether the identifier ends in a slash. Default true. */
  trailingSlash?: boolean;
}

/** Starts an issuer on a free port of 127.0.0.1: real keys, real HTTP. Stop it after the tests. */
export async function createTestIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  const { audience = 'https://api.example', algorithm = 'RS256', trailingSlash = true } = options;
  let key = await createTestKey(algorithm);
  let published: readonly unknown[] = [key.publicJwk];
  let keysResponder: Responder | undefined;
  let discoveryResponder: Responder | undefined;
  const visits = { discovery: 0, keys: 0 };

  const server = createServer((request, response) => {
    if (request.url === '/.well-known/jwks.json') {
      visits.keys++;
      void respond(request, response, { keys: published }, keysResponder);
    } else if (request.url === '/.well-known/openid-configuration') {
      visits.discovery++;
      void respond(request, response, { issuer, jwks_uri: jwksUri }, discoveryResponder);
    } else {
      void respond(request, response, { error: 'not_found' }, { status: 404 });
    }
  });
  const origin = await listening(server);
  const issuer = trailingSlash ? `${origin}/` : origin;
  const jwksUri = `${origin}/.well-known/jwks.json`;

  return {
    issuer,
    audience,
    jwksUri,
    visits,
    get key() {
      return key;
    },
    async accessToken(claims = {}, { header = {}, key: signer = key } = {}) {
      const now = Math.floor(Date.now() / 1000);
      return signRaw(
        JSON.stringify({ alg: signer.algorithm, typ: 'at+jwt', kid: signer.kid, ...header }),
        JSON.stringify({
          iss: issuer,
          sub: 'user|1',
          client_id: 'test-client',
          aud: audience,
          iat: now,
          exp: now + 600,
          jti: randomUUID(),
          ...claims,
        }),
        signer,
      );
    },
    async rotateKeys({ keep = false } = {}) {
      const old = key;
      key = await createTestKey(algorithm);
      published = keep ? [old.publicJwk, key.publicJwk] : [key.publicJwk];
    },
    publishKeys: (keys) => void (published = keys),
    answerKeysWith: (responder) => void (keysResponder = responder),
    answerDiscoveryWith: (responder) => void (discoveryResponder = responder),
    stop: () => stopped(server),
  };
}

function listening(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve(`http://127.0.0.1:${port}`);
    });
  });
}

function stopped(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
