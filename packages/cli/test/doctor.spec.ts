import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestIssuer, faults, spoiled, type Responder, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readConfiguration } from '../src/doctor/configuration.ts';
import { examine } from '../src/doctor/examination.ts';
import type { Finding } from '../src/doctor/finding.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer()));
afterAll(() => issuer.stop());

type Variables = Readonly<Record<string, string>>;

const trusting = ({ issuer: ISSUER_URL, audience: AUDIENCE }: TestIssuer = issuer) => ({
  ISSUER_URL,
  AUDIENCE,
});

function found(variables: Variables = {}, token?: string): Promise<readonly Finding[]> {
  return examine(readConfiguration({ ...trusting(), ...variables }), token);
}

/** What is not right, as it is printed, and what helps. */
async function complaints(variables: Variables = {}, token?: string): Promise<readonly string[]> {
  return (await found(variables, token)).flatMap((one) =>
    one.verdict === 'right' ? [] : [`${one.verdict} ${one.about}: ${one.says} → ${one.fix}`],
  );
}

const good = (claims: Variables | Readonly<Record<string, unknown>> = {}) =>
  issuer.accessToken({ scope: 'read:items', permissions: ['read:items'], ...claims });

describe('a good configuration and a good token', () => {
  it('are right in every respect', async () => {
    const findings = await found({}, await good());
    expect(findings.map(({ verdict, about }) => `${verdict} ${about}`)).toEqual([
      'right issuer',
      'right clock',
      'right keys',
      'right audience',
      'right address',
      'right token',
      'right permissions',
    ]);
    expect(findings.map(({ says }) => says).join('\n')).toContain('It carries "read:items".');
  });

  it('need no token', async () => {
    expect(await complaints()).toEqual([]);
  });

  it('need no metadata where JWKS_URI says where the keys are', async () => {
    issuer.answerDiscoveryWith(faults.status(404));
    onTestFinished(() => issuer.answerDiscoveryWith(undefined));
    expect(await complaints({ JWKS_URI: issuer.jwksUri }, await good())).toEqual([]);
  });

  it('may be opaque, where the API asks the issuer', async () => {
    const { clientId, clientSecret } = issuer.introspectionClient;
    const variables = {
      TOKEN_FORMAT: 'opaque',
      INTROSPECTION_CLIENT_ID: clientId,
      INTROSPECTION_CLIENT_SECRET: clientSecret,
    };
    const token = issuer.opaqueToken({ scope: 'read:items', permissions: ['read:items'] });
    expect(await complaints(variables, token)).toEqual([]);
  });
});

describe('the issuer', () => {
  it.each([true, false])('is named with the slash that it has itself (%s)', async (trailingSlash) => {
    const other = await createTestIssuer({ path: '/tenant', trailingSlash });
    onTestFinished(() => other.stop());
    const typed = trailingSlash ? other.issuer.slice(0, -1) : `${other.issuer}/`;
    expect(await complaints({ ISSUER_URL: typed })).toEqual([
      `wrong issuer: ISSUER_URL is "${typed}", and the issuer names itself "${other.issuer}": the slash at the end differs. → Set ISSUER_URL to "${other.issuer}": it is compared character by character with "iss".`,
    ]);
  });

  const named = (name: unknown): Responder => ({ body: { issuer: name, jwks_uri: issuer.jwksUri } });

  it.each<[string, () => Responder, RegExp]>([
    ['names another', () => named('https://elsewhere.example/'), /that is another.*X-Forwarded-Host/],
    [
      'names itself by https',
      () => named(issuer.issuer.replace('http:', 'https:')),
      /one is http, the other https/,
    ],
    ['names nobody', () => named(undefined), /do not say whose they are/],
    ['answers 500', () => faults.status(500), /discovery: .*status 500.*proxy or a login page/],
    ['answers 404', () => faults.status(404), /There are no metadata.*realms/],
    ['answers a page', () => faults.garbage, /no JSON object/],
    ['answers half a document', () => faults.truncated, /no JSON object/],
    ['answers without end', () => faults.endless, /no JSON object/],
    [
      'sends elsewhere',
      () => faults.redirect('https://elsewhere.example/x'),
      /to "https:\/\/elsewhere.*not followed/,
    ],
    ['cuts the connection', () => faults.cut, /the connection was cut/],
  ])('is wrong when it %s', async (_what, fault, sentence) => {
    issuer.answerDiscoveryWith(fault());
    onTestFinished(() => issuer.answerDiscoveryWith(undefined));
    expect(await complaints()).toEqual([expect.stringMatching(sentence)]);
  });

  it('is wrong when nothing listens there', async () => {
    const gone = await createTestIssuer();
    await gone.stop();
    expect(await complaints({ ISSUER_URL: gone.issuer })).toEqual([
      expect.stringMatching(/nothing listens there\. → Start the issuer/),
    ]);
  });

  it('is not asked over plain http off this machine', async () => {
    expect(await complaints({ ISSUER_URL: 'http://issuer.example/' })).toEqual([
      expect.stringMatching(/wrong issuer: .*plain http.*→ Write https:/),
    ]);
  });

  it('is told that https was asked for and plain http answered', async () => {
    expect(await complaints({ ISSUER_URL: issuer.issuer.replace('http:', 'https:') })).toEqual([
      expect.stringMatching(/https was asked for, and what answered is not TLS/),
    ]);
  });

  it('is not shown with the password in its address', async () => {
    const text = (await complaints({ ISSUER_URL: 'https://user:hunter22@issuer.example/' })).join('\n');
    expect(text).toContain('must not carry a user or password');
    expect(text).not.toContain('hunter22');
  });

  it.each(['https:', ''])('is not shown with the password of where it sends: %s//…', async (scheme) => {
    issuer.answerDiscoveryWith(faults.redirect(`${scheme}//user:hunter22@elsewhere.example/`));
    onTestFinished(() => issuer.answerDiscoveryWith(undefined));
    expect(await complaints()).toEqual([expect.stringContaining(`to "${scheme}//elsewhere.example/"`)]);
  });

  it('of a known provider is named in PROVIDER', async () => {
    // Loopback, so that nothing is asked of a provider.
    const keycloak = await createTestIssuer({ path: '/realms/wab', trailingSlash: false });
    onTestFinished(() => keycloak.stop());
    const variables = trusting(keycloak);
    expect(await complaints(variables)).toEqual([
      expect.stringMatching(/looks like keycloak.*→ Set PROVIDER to/),
    ]);
    expect(await complaints({ ...variables, PROVIDER: 'keycloak' })).toEqual([]);
  });
});

describe('the keys', () => {
  const publishing = (...keys: readonly unknown[]): void => {
    issuer.publishKeys(keys);
    onTestFinished(() => issuer.publishKeys([issuer.key.publicJwk]));
  };

  it.each<[string, Responder, RegExp]>([
    ['cannot be had', faults.status(503), /keys.*status 503.*jwks_uri/],
    ['are no document', faults.garbage, /wrong keys: The keys of the issuer/],
    ['come from elsewhere', faults.redirect('https://elsewhere.example/'), /status 302/],
    ['are cut', faults.cut, /the connection was cut/],
  ])('are wrong when they %s', async (_what, fault, sentence) => {
    issuer.answerKeysWith(fault);
    onTestFinished(() => issuer.answerKeysWith(undefined));
    expect(await complaints()).toEqual([expect.stringMatching(sentence)]);
  });

  it('are wrong when none of them can verify', async () => {
    publishing({ ...issuer.key.publicJwk, use: 'enc' });
    expect(await complaints()).toEqual([expect.stringContaining('wrong keys')]);
  });

  it('are wrong when a private one is among them', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    publishing(issuer.key.publicJwk, privateKey.export({ format: 'jwk' }));
    expect(await complaints()).toContainEqual(
      expect.stringMatching(/publishes a private.*→ Withdraw that key/),
    );
  });

  it('are looked for where JWKS_URI says', async () => {
    const gone = await createTestIssuer();
    await gone.stop();
    expect(await complaints({ JWKS_URI: gone.jwksUri })).toEqual([
      expect.stringMatching(/nothing listens there/),
    ]);
  });
});

describe('the clock', () => {
  const shifted = (seconds: number, age?: number): void => {
    const date = new Date(Date.now() + seconds * 1000).toUTCString();
    issuer.answerDiscoveryWith({ headers: { date, ...(age === undefined ? {} : { age: String(age) }) } });
    onTestFinished(() => issuer.answerDiscoveryWith(undefined));
  };

  it.each([
    [60, /60 s ahead.*refused.*NTP/],
    [-60, /60 s behind.*expire early.*NTP/],
  ])('is wrong when the issuer is %d s off', async (seconds, sentence) => {
    shifted(seconds);
    expect(await complaints()).toEqual([expect.stringMatching(sentence)]);
  });

  it('is right within the tolerance', async () => {
    shifted(4);
    expect(await complaints()).toEqual([]);
  });

  it('is that of the issuer, not of a cache before it', async () => {
    shifted(-600, 600);
    expect(await complaints()).toEqual([]);
  });
});

describe('the configuration', () => {
  it.each<[string, Variables, RegExp]>([
    ['an unknown provider', { PROVIDER: 'okto' }, /PROVIDER is "okto".*portcullis, auth0/],
    ['an unknown format', { TOKEN_FORMAT: 'xml' }, /TOKEN_FORMAT is "xml"/],
    ['an empty issuer', { ISSUER_URL: ' ' }, /ISSUER_URL is empty/],
    ['an empty audience', { AUDIENCE: '' }, /AUDIENCE is empty/],
    [
      'two providers for one issuer',
      { PROVIDER: 'auth0,okta' },
      /PROVIDER has 2 values, and ISSUER_URL has 1/,
    ],
    ['authentik without introspection', { PROVIDER: 'authentik' }, /must be opaque.*→ Set TOKEN_FORMAT/],
    [
      'opaque without a client',
      { TOKEN_FORMAT: 'opaque' },
      /"introspection" must be set.*INTROSPECTION_CLIENT_ID/,
    ],
    [
      'a secret file that is not there',
      { INTROSPECTION_CLIENT_SECRET_FILE: '/nowhere' },
      /_FILE names cannot be read/,
    ],
    [
      'an audience that is a first-party client',
      { FIRST_PARTY_ID_TOKENS: 'https://api.example' },
      /must not name the same/,
    ],
    [
      'http in production',
      { NODE_ENV: 'production', PUBLIC_URL: 'https://menu.example', TRUST_PROXY: '10.0.0.5' },
      /must be https in production.*→ Write https/,
    ],
    ['no address for others', { HOST: '0.0.0.0' }, /PUBLIC_URL is unset.*→ Set PUBLIC_URL/],
    ['an address over plain http', { PUBLIC_URL: 'http://menu.example' }, /plain http.*ends TLS/],
    ['an address that is none', { PUBLIC_URL: 'menu.example' }, /which is no address/],
    [
      'a proxy that is not named',
      { PUBLIC_URL: 'https://menu.example' },
      /doubtful address: .*TRUST_PROXY is unset/,
    ],
    ['everybody as a proxy', { TRUST_PROXY: '*' }, /forwarded headers of everybody/],
  ])('%s', async (_what, variables, sentence) => {
    expect(await complaints(variables)).toContainEqual(expect.stringMatching(sentence));
  });

  it.each(['', 'userinfo', 'api/v2/'])("the provider's own audience: %j", async (path) => {
    expect(await complaints({ AUDIENCE: issuer.issuer + path })).toEqual([
      expect.stringMatching(/wrong audience: .*the provider's own.*→ Register this API/),
    ]);
  });
});

describe('a token', () => {
  it.each<[string, () => string | Promise<string>, RegExp]>([
    [
      'for another API',
      () => good({ aud: 'https://other.example' }),
      /audience.*names "https:\/\/other.example".*AUDIENCE is "https:\/\/api.example".*ERR_AUDIENCE_MISMATCH/,
    ],
    ['of the past', () => good({ exp: Math.floor(Date.now() / 1000) - 600 }), /10 min ago by the clock.*NTP/],
    [
      'of the future',
      () => good({ iat: Math.floor(Date.now() / 1000) + 300 }),
      /wrong clock: .*5 min ahead of.*NTP/,
    ],
    ['an ID token', () => issuer.idToken(), /This is an ID token.*"access_token"/],
    ['a refresh token', () => issuer.refreshToken(), /This is a refresh token.*"access_token"/],
    [
      'of another issuer',
      () => good({ iss: 'https://elsewhere.example/' }),
      /its "iss" is "https:\/\/elsewhere.example\/"/,
    ],
    [
      'whose issuer lacks the slash',
      () => good({ iss: issuer.issuer.slice(0, -1) }),
      /the slash at the end differs/,
    ],
    [
      'whose issuer is https',
      () => good({ iss: issuer.issuer.replace('http:', 'https:') }),
      /http or https differs/,
    ],
    [
      'with another signature',
      async () => spoiled.signature(await good()),
      /signature does not verify.*fresh token/,
    ],
    [
      'without a signature',
      async () => spoiled.none(await good()),
      /it has no signature.*ERR_TOKEN_MALFORMED/,
    ],
    [
      'signed with a shared secret',
      async () => spoiled.header(await good(), { alg: 'HS256' }),
      /"alg".*it is "HS256".*asymmetric/,
    ],
    ['cut short', async () => (await good()).slice(0, 60), /malformed/],
    ['that is opaque', () => issuer.opaqueToken(), /is opaque.*asked for no audience.*resource/],
    [
      'that is encrypted',
      () => `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}..a.b.c`,
      /encrypted/,
    ],
  ])('is wrong: %s', async (_what, token, sentence) => {
    const text = await complaints({}, await token());
    expect(text).toEqual([expect.stringMatching(sentence)]);
    expect(text[0]).toMatch(/^wrong/);
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['has no permission claim', { permissions: undefined }, /says nothing about permissions.*answers 403/],
    ['has no permission', { permissions: [] }, /carries no permission/],
    [
      'has permissions beyond its scope',
      { scope: 'openid' },
      /do not count.*"read:items".*FIRST_PARTY_CLIENTS/,
    ],
    ['is bound to a key', { cnf: { jkt: 'A'.repeat(43) } }, /bound to a key.*DPoP proof/],
  ])('is doubtful when it %s', async (_what, claims, sentence) => {
    const text = await complaints({}, await good(claims));
    expect(text).toEqual([expect.stringMatching(sentence)]);
    expect(text[0]).toMatch(/^doubtful/);
  });

  it('of a first-party client has its permissions whatever the scope', async () => {
    const token = await good({ scope: 'openid' });
    expect(await complaints({ FIRST_PARTY_CLIENTS: 'test-client' }, token)).toEqual([]);
  });

  it('is never shown, however wrong it is', async () => {
    const tokens = [await good(), await good({ aud: 'x' }), issuer.opaqueToken(), await issuer.idToken()];
    for (const token of tokens) {
      const text = JSON.stringify(await found({}, token));
      for (const part of token.split('.')) expect(text).not.toContain(part);
    }
  });
});

it('a secret from a file is used and not shown', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'secret');
  const { clientId, clientSecret } = issuer.introspectionClient;
  writeFileSync(file, `${clientSecret}\n`);
  const variables = {
    TOKEN_FORMAT: 'both',
    INTROSPECTION_CLIENT_ID: clientId,
    INTROSPECTION_CLIENT_SECRET_FILE: file,
  };
  const findings = await found(variables, issuer.opaqueToken({ permissions: ['a:b'], scope: 'a:b' }));
  expect(findings.every(({ verdict }) => verdict === 'right')).toBe(true);
  expect(JSON.stringify(findings)).not.toContain(clientSecret);
});
