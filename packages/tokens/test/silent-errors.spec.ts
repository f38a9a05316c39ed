import { inspect } from 'node:util';
import {
  createDpopClient,
  createTestCertificate,
  createTestIssuer,
  createTestKey,
  faults,
  signRaw,
  spoiled,
  type DpopClient,
  type TestIssuer,
} from '@portcullis/testing';
import {
  createDenyList,
  createVerifier,
  VerificationError,
  type Credential,
  type ErrorCode,
  type ReplayStore,
  type VerifierOptions,
} from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { MemoryStore } from './dpop/memory-store.ts';

/** What is somebody's own: each is in a token, a proof or the configuration, and in no error. */
const own = {
  subject: 'subject-that-is-nobodys-business',
  client: 'client-that-is-nobodys-business',
  jti: 'jti-that-is-nobodys-business',
  scope: 'scope-that-is-nobodys-business',
  audience: 'https://audience-that-is-nobodys-business.example',
  kid: 'kid-that-is-nobodys-business',
  nonceSecret: 'secret-of-the-nonces-that-is-nobodys-business',
  clientSecret: 'secret-of-the-client-that-is-nobodys-business',
  odd: 'odd-value-that-is-nobodys-business',
} as const;
const privateTime = 1_234_567_891;

const publicUrl = 'https://api.example';
let issuer: TestIssuer;
let client: DpopClient;
beforeAll(async () => {
  client = await createDpopClient();
  issuer = await createTestIssuer({
    algorithm: 'ES256',
    introspectionClient: { clientId: 'api', clientSecret: own.clientSecret },
  });
});
afterAll(() => issuer.stop());

interface Provocation {
  readonly credential: Credential;
  readonly options?: Partial<VerifierOptions>;
  /** How often it has to be sent; default once. */
  readonly times?: number;
}

const claims = { sub: own.subject, client_id: own.client, jti: own.jti, scope: own.scope };
const mint = (changes: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> =>
  issuer.accessToken({ ...claims, ...changes }, { header });
const bearer = (token: string): Credential => ({ scheme: 'bearer', token });

const introspection = {
  tokenFormat: 'both',
  introspection: { authentication: { clientId: 'api', clientSecret: own.clientSecret } },
} as const;

const dpop = (more: { nonce?: { secret: string }; replayStore?: ReplayStore } = {}) => ({
  dpop: { publicUrl, replayStore: new MemoryStore(), ...more },
});

async function proved(
  changes: Partial<Parameters<DpopClient['proof']>[0]> = {},
  cnf: Record<string, unknown> = { jkt: client.jkt },
): Promise<Credential> {
  const token = await mint({ cnf });
  const proof = client.proof({ method: 'GET', url: `${publicUrl}/items`, token, ...changes });
  return { scheme: 'dpop', token, method: 'GET', url: '/items', proof };
}

/** An endpoint that answers with all it was sent, as a careless one's error page would. */
const echoing: Parameters<TestIssuer['answerIntrospectionWith']>[0] = (request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text: string) => void (body += text));
  request.on('end', () => response.writeHead(200).end(`${body} ${String(request.headers.authorization)}`));
};

const brokenSource = { read: () => Promise.reject(new Error('the database of revocations is down')) };

/** At least one for each code; that none is left out is for the compiler to see. */
const provocations: Readonly<Record<ErrorCode, readonly (() => Promise<Provocation>)[]>> = {
  ERR_TOKEN_MALFORMED: [
    async () => ({ credential: bearer(`${own.odd}.${own.subject}.${own.jti}`) }),
    async () => ({ credential: bearer(own.odd) }),
    async () => ({ credential: bearer(own.odd.repeat(1000)) }),
    async () => ({ credential: bearer(spoiled.unsigned(await mint())) }),
    async () => ({ credential: bearer(spoiled.spelling(await mint())) }),
    async () => ({
      credential: bearer(signRaw('{"alg":"ES256"}', `{"${own.odd}":1,"${own.odd}":2}`, issuer.key)),
    }),
    async () => ({ credential: bearer(signRaw('{"alg":"ES256"}', `{"sub":"${own.subject}"`, issuer.key)) }),
    async () => ({ credential: bearer(signRaw(`["${own.odd}"]`, '{}', issuer.key)) }),
  ],
  ERR_HEADER_REFUSED: [
    async () => ({ credential: bearer(await mint({}, { alg: own.odd })) }),
    async () => ({ credential: bearer(await mint({}, { typ: own.odd })) }),
    async () => ({ credential: bearer(await mint({}, { crit: [own.odd] })) }),
    async () => ({ credential: bearer(await mint({}, { kid: { own: own.kid } })) }),
    async () => ({ credential: bearer(await mint({}, { jku: `https://${own.odd}.example` })) }),
  ],
  ERR_TOKEN_UNTRUSTED: [
    async () => ({ credential: bearer(await mint({ iss: `https://${own.odd}.example/` })) }),
    async () => ({ credential: bearer(await mint({ iss: own.odd })) }),
    async () => ({ credential: bearer(await mint({}, { kid: own.kid })) }),
  ],
  ERR_SIGNATURE_INVALID: [
    async () => ({ credential: bearer(spoiled.signature(await mint())) }),
    async () => ({ credential: bearer(spoiled.claims(await mint(), { sub: own.odd })) }),
    async () => {
      const key = await createTestKey('ES256', { kid: issuer.key.kid });
      return { credential: bearer(await issuer.accessToken(claims, { key })) };
    },
  ],
  ERR_TOKEN_KIND_REFUSED: [
    async () => ({ credential: bearer(await issuer.idToken({ ...claims, nonce: own.odd })) }),
    async () => ({ credential: bearer(await issuer.refreshToken(claims)) }),
    async () => ({ credential: bearer(await issuer.logoutToken(claims)) }),
  ],
  ERR_AUDIENCE_MISMATCH: [
    async () => ({ credential: bearer(await mint({ aud: own.audience })) }),
    async () => ({ credential: bearer(await mint({ aud: [own.audience, own.odd] })) }),
  ],
  ERR_TOKEN_EXPIRED: [async () => ({ credential: bearer(await mint({ iat: 1, exp: privateTime })) })],
  ERR_TOKEN_NOT_YET_VALID: [
    async () => ({ credential: bearer(await mint({ nbf: privateTime * 4 })) }),
    async () => ({ credential: bearer(await mint({ iat: privateTime * 4, exp: privateTime * 5 })) }),
  ],
  ERR_CLAIM_INVALID: [
    async () => ({ credential: bearer(await mint({ exp: own.odd })) }),
    async () => ({ credential: bearer(await mint({ sub: [own.odd] })) }),
    async () => ({ credential: bearer(await mint({ aud: { own: own.odd } })) }),
    async () => ({ credential: bearer(await mint({ auth_time: own.odd })) }),
    async () => ({ credential: bearer(await mint({ scope: { own: own.odd } })) }),
  ],
  ERR_TOKEN_INACTIVE: [async () => ({ credential: bearer(own.odd), options: introspection })],
  ERR_TOKEN_REVOKED: [
    async () => {
      const revocations = [{ issuer: issuer.issuer, by: 'token', value: own.jti, expiresAt: 9e9 }] as const;
      const position = { incarnation: 'one', number: 1 };
      const denyList = createDenyList({
        source: { read: async () => ({ position, snapshot: true, revocations }) },
      });
      onTestFinished(() => denyList.close());
      await denyList.ready();
      return { credential: bearer(await mint()), options: { denyList } };
    },
  ],
  ERR_BINDING_REFUSED: [
    async () => ({ credential: bearer(await mint({ cnf: { jkt: client.jkt } })) }),
    async () => ({ credential: bearer(await mint({ cnf: { jkt: own.odd } })) }),
    async () => ({ credential: bearer(await mint({ cnf: own.odd })) }),
    async () => ({ credential: { scheme: 'dpop', token: await mint() }, options: dpop() }),
    async () => {
      const { der } = await createTestCertificate({ name: own.odd });
      const { x5tS256 } = await createTestCertificate();
      return { credential: { ...bearer(await mint({ cnf: { 'x5t#S256': x5tS256 } })), certificate: der } };
    },
  ],
  ERR_DPOP_PROOF_INVALID: [
    async () => ({ credential: await proved({ method: own.odd }), options: dpop() }),
    async () => ({ credential: await proved({ url: `https://${own.odd}.example` }), options: dpop() }),
    async () => ({ credential: await proved({ jti: '' }), options: dpop() }),
    async () => ({ credential: await proved({ iat: privateTime }), options: dpop() }),
    async () => ({ credential: await proved({ token: own.odd }), options: dpop() }),
    async () => ({
      credential: await proved({ header: { jwk: { kty: 'EC', x: own.odd } } }),
      options: dpop(),
    }),
    async () => ({ credential: { ...(await proved()), proof: own.odd }, options: dpop() }),
    async () => ({ credential: await proved({ jti: own.jti }), options: dpop(), times: 2 }),
  ],
  ERR_DPOP_NONCE_REQUIRED: [
    async () => ({ credential: await proved(), options: dpop({ nonce: { secret: own.nonceSecret } }) }),
    async () => ({
      credential: await proved({ nonce: own.odd }),
      options: dpop({ nonce: { secret: own.nonceSecret } }),
    }),
  ],
  ERR_ISSUER_UNAVAILABLE: [
    ...[faults.status(500), faults.garbage, faults.truncated, faults.cut].map((fault) => async () => {
      issuer.answerKeysWith(fault);
      return { credential: bearer(await mint()) };
    }),
    ...[faults.status(401), faults.status(500), faults.garbage, faults.cut, echoing].map(
      (fault) => async () => {
        issuer.answerIntrospectionWith(fault);
        return { credential: bearer(own.odd), options: introspection };
      },
    ),
  ],
  ERR_REVOCATION_UNKNOWN: [
    async () => {
      const denyList = createDenyList({ source: brokenSource });
      onTestFinished(() => denyList.close());
      return { credential: bearer(await mint()), options: { denyList } };
    },
  ],
  ERR_REPLAY_UNKNOWN: [
    async () => ({
      credential: await proved({ jti: own.jti }),
      options: dpop({ replayStore: { remember: () => Promise.reject(new Error('the store is full')) } }),
    }),
  ],
  ERR_INTROSPECTION_LIMITED: [
    async () => ({
      credential: { ...bearer(own.odd), address: '192.0.2.7' },
      options: { ...introspection, introspection: { ...introspection.introspection, perAddress: 1 } },
      times: 2,
    }),
  ],
};

const cases = Object.entries(provocations).flatMap(([code, provoking]) =>
  provoking.map((provoke, index) => [code, index, provoke] as const),
);

describe('an error', () => {
  it.each(cases)(
    '%s (%d) carries nothing that is somebody’s own, however it is looked at',
    async (code, _index, provoke) => {
      onTestFinished(() => {
        issuer.answerKeysWith(undefined);
        issuer.answerIntrospectionWith(undefined);
      });
      const { credential, options, times = 1 } = await provoke();
      const verifier = createVerifier({ issuer: issuer.issuer, audience: issuer.audience, ...options });
      onTestFinished(() => verifier.close());
      const failures: unknown[] = [];
      for (let time = 0; time < times; time++) {
        await Promise.resolve()
          .then(() => verifier.verify(credential))
          .catch((error: unknown) => failures.push(error));
      }
      const error = failures.at(-1);
      if (!(error instanceof VerificationError)) throw new Error(`it was not refused: ${String(error)}`);
      expect(error.code).toBe(code);
      const looks = [...looksOf(error), ...causesOf(error).flatMap((cause) => [...looksOf(cause)])].join(
        '\n',
      );
      expect(looks).toContain(error.message);
      const parts = [...credential.token.split('.'), ...(credential.proof ?? '').split('.')];
      for (const text of [...Object.values(own), ...parts.filter(({ length }) => length > 8)]) {
        expect(looks).not.toContain(text);
        expect(looks).not.toContain(Buffer.from(text).toString('base64'));
      }
      for (const number of [privateTime, privateTime * 4, privateTime * 5])
        expect(looks).not.toContain(String(number));
    },
  );
});

function* looksOf(error: unknown): Generator<string> {
  yield String(error);
  yield JSON.stringify(error) ?? '';
  yield inspect(error, { showHidden: true, depth: Infinity, getters: true, maxStringLength: null });
  if (!(error instanceof Error)) return;
  yield error.message;
  yield error.stack ?? '';
  if (error instanceof VerificationError) yield error.hint ?? '';
  yield JSON.stringify(Object.getOwnPropertyDescriptors(error)) ?? '';
}

function causesOf(error: Error): readonly unknown[] {
  const { cause } = error;
  return cause === undefined ? [] : [cause, ...(cause instanceof Error ? causesOf(cause) : [])];
}
