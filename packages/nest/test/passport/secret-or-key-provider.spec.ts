import { createAuthenticator, type AuthenticatorOptions } from '@portcullis/http';
import { createSecretOrKeyProvider, PortcullisStrategy, refusedHandler } from '@portcullis/nest/passport';
import {
  createDpopClient,
  createTestIssuer,
  createTestKey,
  spoiled,
  type TestIssuer,
} from '@portcullis/testing';
import { IssuerUnavailable, type KeyProviderOptions } from '@portcullis/tokens';
import express from 'express';
import { createHmac } from 'node:crypto';
import passport from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { deadIssuer } from '../app.ts';
import { serve } from './serve.ts';

let issuer: TestIssuer;
let offset = 0;
beforeEach(async () => {
  offset = 0;
  issuer = await createTestIssuer({ algorithm: 'ES256' });
  const { stop } = issuer;
  return () => stop();
});

/** What passport-jwt tells of a failure. */
interface Told {
  info?: unknown;
}

interface Payload {
  readonly sub?: string;
}

/** One application with the same route twice: behind the real passport-jwt with our keys, and behind our strategy. */
async function start(options: Partial<KeyProviderOptions> = {}) {
  const trusted = { issuer: issuer.issuer, audience: issuer.audience, ...options };
  const now = (): number => Date.now() + offset;
  const keys = createSecretOrKeyProvider({ ...trusted, now });
  const authenticator = createAuthenticator({ ...trusted, now } satisfies AuthenticatorOptions);
  onTestFinished(() => {
    keys.close();
    authenticator.verifier.close();
  });
  const own = new passport.Passport();
  own.use(new PortcullisStrategy(authenticator));
  own.use(
    new Strategy(
      { jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(), secretOrKeyProvider: keys },
      ({ sub }: Payload, done) => done(null, { subject: sub }),
    ),
  );
  const told: Told = {};
  const app = express();
  app.get('/jwt', (request, response, next) => {
    own.authenticate('jwt', { session: false }, (error: unknown, user: unknown, info: unknown) => {
      told.info = info;
      if (error) next(error);
      else response.status(user ? 200 : 401).json(user);
    })(request, response, next);
  });
  app.get('/ours', own.authenticate('portcullis', { session: false }), ({ user }, response) => {
    response.json(user);
  });
  app.use(refusedHandler);
  const url = await serve(app);
  const status = async (path: string, token: string): Promise<number> =>
    (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })).status;
  return {
    told,
    url,
    jwt: (token: string) => status('/jwt', token),
    ours: (token: string) => status('/ours', token),
  };
}

describe('the key provider under passport-jwt', () => {
  it.each(['RS256', 'PS256', 'ES256', 'ES384'] as const)(
    'verifies %s with a key it has fetched once',
    async (algorithm) => {
      issuer = await createTestIssuer({ algorithm });
      const { stop, visits } = issuer;
      onTestFinished(() => stop());
      const { jwt } = await start();
      const answers = await Promise.all(
        Array.from({ length: 10 }, async () => jwt(await issuer.accessToken())),
      );
      expect(new Set(answers)).toEqual(new Set([200]));
      expect(visits.keys).toBeLessThanOrEqual(2); // the two doors of this test fetch each for itself
    },
  );

  const refused: readonly (readonly [string, () => string | Promise<string>])[] = [
    ['garbage', () => 'garbage'],
    ['a spoiled signature', async () => spoiled.signature(await issuer.accessToken())],
    ['an expired token', () => issuer.accessToken({ exp: 1 })],
    ['a token for another API', () => issuer.accessToken({ aud: 'https://other.example' })],
    ['an ID token', () => issuer.idToken()],
    ['a token of another issuer', () => issuer.accessToken({ iss: 'https://evil.example/' })],
    ['alg none', async () => spoiled.none(await issuer.accessToken())],
    ['HS256 under the public key', signedWithThePublicKey],
    [
      'a key that nobody published',
      async () => issuer.accessToken({}, { key: await createTestKey('ES256') }),
    ],
    ['an embedded key', () => issuer.accessToken({}, { header: { jwk: issuer.key.publicJwk } })],
  ];
  it.each(refused)('refuses %s as we do', async (_name, token) => {
    const { jwt, ours } = await start();
    const spoilt = await token();
    expect([await jwt(spoilt), await ours(spoilt)]).toEqual([401, 401]);
  });

  /** CVE-2015-9235: the public key as a shared secret. */
  async function signedWithThePublicKey(): Promise<string> {
    const pem = String(issuer.key.publicKey.export({ type: 'spki', format: 'pem' }));
    const input = spoiled
      .header(await issuer.accessToken(), { alg: 'HS256' })
      .split('.', 2)
      .join('.');
    return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`;
  }

  it('follows a rotation, and refuses a withdrawn key', async () => {
    const { jwt } = await start();
    const old = await issuer.accessToken();
    expect(await jwt(old)).toBe(200);
    await issuer.rotateKeys();
    offset = 11_000;
    expect(await jwt(await issuer.accessToken())).toBe(200);
    expect(await jwt(old)).toBe(401);
  });

  it('gives no key of one issuer for a token of another', async () => {
    const partner = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => partner.stop());
    const { jwt } = await start({ issuer: [issuer.issuer, partner.issuer] });
    expect(await jwt(await partner.accessToken())).toBe(200);
    expect(await jwt(await partner.accessToken({ iss: issuer.issuer }))).toBe(401);
  });

  it('refuses options that could not protect anything', () => {
    expect(() => Reflect.apply(createSecretOrKeyProvider, undefined, [{ issuer: issuer.issuer }])).toThrow(
      /"audience" must be set/,
    );
  });
});

describe('where passport-jwt does not answer as we do (docs/passport.md)', () => {
  it('an issuer out of reach: 401 instead of 503, though it tells which', async () => {
    const dead = await deadIssuer();
    const { jwt, ours, told } = await start({ issuer: [issuer.issuer, dead] });
    const token = await issuer.accessToken({ iss: dead });
    expect([await jwt(token), await ours(token)]).toEqual([401, 503]);
    expect(told.info).toBeInstanceOf(IssuerUnavailable);
  });

  it('a token bound to a key passes as a bearer: 200 instead of 401', async () => {
    const { jkt } = await createDpopClient();
    const { jwt, ours } = await start();
    const token = await issuer.accessToken({ cnf: { jkt } });
    expect([await jwt(token), await ours(token)]).toEqual([200, 401]);
  });

  it('a token without exp lives for ever: 200 instead of 401', async () => {
    const { jwt, ours } = await start();
    const token = await issuer.accessToken({ exp: undefined });
    expect([await jwt(token), await ours(token)]).toEqual([200, 401]);
  });

  it('clocks may not differ: 401 instead of 200 within five seconds', async () => {
    const { jwt, ours } = await start();
    const token = await issuer.accessToken({ exp: Math.floor(Date.now() / 1000) - 1 });
    expect([await jwt(token), await ours(token)]).toEqual([401, 200]);
  });

  it('EdDSA: 401 instead of 200', async () => {
    issuer = await createTestIssuer({ algorithm: 'EdDSA' });
    const { stop } = issuer;
    onTestFinished(() => stop());
    const { jwt, ours } = await start();
    const token = await issuer.accessToken();
    expect([await jwt(token), await ours(token)]).toEqual([401, 200]);
  });

  it('a malformed header: 401 instead of 400', async () => {
    const { url } = await start();
    const headers = { authorization: 'Bearer' };
    expect((await fetch(`${url}/jwt`, { headers })).status).toBe(401);
    expect((await fetch(`${url}/ours`, { headers })).status).toBe(400);
  });

  it('what follows the token in the header is ignored: 200 instead of 400', async () => {
    const { jwt, ours } = await start();
    const token = `${await issuer.accessToken()} and more`;
    expect([await jwt(token), await ours(token)]).toEqual([200, 400]);
  });
});
