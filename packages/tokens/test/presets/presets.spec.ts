import { createTestIssuer, createTestKey, type TestIssuer } from '@portcullis/testing';
import { createVerifier, type Authentication, type VerifierOptions } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { presetNames } from '../../src/presets/presets.ts';
import { auth0 } from './fixtures/auth0.ts';
import { cognito } from './fixtures/cognito.ts';
import { entra, tenant } from './fixtures/entra.ts';
import type { Fixture, Fixtures } from './fixtures/fixture.ts';
import { generic } from './fixtures/generic.ts';
import { hydra } from './fixtures/hydra.ts';
import { keycloak } from './fixtures/keycloak.ts';
import { logto } from './fixtures/logto.ts';
import { okta } from './fixtures/okta.ts';
import { portcullis } from './fixtures/portcullis.ts';
import { zitadel } from './fixtures/zitadel.ts';

const all: readonly Fixtures[] = [
  portcullis,
  auth0,
  keycloak,
  entra,
  cognito,
  okta,
  logto,
  zitadel,
  hydra,
  generic,
];

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await createTestIssuer();
});
afterAll(() => issuer.stop());

/** Nothing but what the fixture says, beside the issuer and the times. */
function minted({ header, claims }: Fixture, iss = issuer.issuer): Promise<string> {
  const none = { sub: undefined, aud: undefined, client_id: undefined, jti: undefined };
  return issuer.accessToken({ ...none, ...claims, iss }, { header: { typ: undefined, ...header } });
}

async function verified(
  token: string,
  { provider, audience }: Fixtures,
  options: Partial<VerifierOptions> = {},
): Promise<Authentication> {
  const verifier = createVerifier({ issuer: issuer.issuer, audience, provider, ...options });
  onTestFinished(() => verifier.close());
  return verifier.verify({ scheme: 'bearer', token });
}

const sorted = (names: Iterable<string> | undefined): string[] | undefined => names && [...names].toSorted();

describe.each(all)('$provider', (fixtures) => {
  it.each(Object.entries(fixtures.accepted))('accepts %s', async (_what, fixture) => {
    const { expected } = fixture;
    const authentication = await verified(await minted(fixture), fixtures);
    expect(authentication).toMatchObject({
      issuer: issuer.issuer,
      subject: expected.subject,
      client: expected.client,
      kind: expected.kind,
      tokenKind: 'access_token',
    });
    expect(sorted(authentication.scopes)).toEqual(sorted(expected.scopes));
    expect(sorted(authentication.claimedPermissions)).toEqual(sorted(expected.permissions));
    expect(sorted(authentication.claimedRoles)).toEqual(sorted(expected.roles));
  });

  it.each(Object.entries(fixtures.refused))('refuses %s', async (_what, fixture) => {
    const { code, named, sent, hint } = fixture.expected;
    const error: unknown = await verified(await minted(fixture), fixtures).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    if (code === 'ERR_CLAIM_INVALID') expect(error).toMatchObject({ claim: named });
    if (code === 'ERR_HEADER_REFUSED') expect(error).toMatchObject({ parameter: named });
    if (code === 'ERR_TOKEN_KIND_REFUSED') expect(error).toMatchObject({ sent });
    if (hint) expect(error).toMatchObject({ hint: expect.stringMatching(hint) });
  });
});

it('every provider has its fixtures, but for the one that must be introspected', () => {
  const tried = all.map(({ provider }) => provider);
  expect([...tried, 'authentik'].toSorted()).toEqual([...presetNames].toSorted());
});

describe('an Entra tenant', () => {
  const version2 = `https://login.microsoftonline.com/${tenant}/v2.0`;
  const version1 = `https://sts.windows.net/${tenant}/`;
  const fixture = entra.accepted["a user's token of version 2"];

  it.each([
    [version2, version2],
    [version2, version1],
    [version1, version2],
    [version1, version1],
  ])('configured as %s is trusted for %s', async (configured, iss) => {
    if (fixture === undefined) expect.unreachable();
    const options = { issuer: configured, jwksUri: issuer.jwksUri };
    expect((await verified(await minted(fixture, iss), entra, options)).issuer).toBe(iss);
  });

  it.each([
    'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0',
    'https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/',
    `${version2}/`,
    version1.slice(0, -1),
    `https://login.microsoftonline.com/${tenant}/`,
  ])('is not trusted for %s', async (iss) => {
    if (fixture === undefined) expect.unreachable();
    const options = { issuer: version2, jwksUri: issuer.jwksUri };
    await expect(verified(await minted(fixture, iss), entra, options)).rejects.toMatchObject({
      code: 'ERR_TOKEN_UNTRUSTED',
    });
  });

  it.each(['common', 'organizations', 'consumers'])('is not named "%s", says the start', (name) => {
    expect(() =>
      createVerifier({
        issuer: `https://login.microsoftonline.com/${name}/v2.0`,
        audience: entra.audience,
        provider: 'entra',
      }),
    ).toThrow(/resolver function/);
  });
});

it('Logto signs with ES384', async () => {
  const key = await createTestKey('ES384');
  issuer.publishKeys([issuer.key.publicJwk, key.publicJwk]);
  onTestFinished(() => issuer.publishKeys([issuer.key.publicJwk]));
  const fixture = logto.accepted["a user's token"];
  const claims = { ...fixture?.claims, iss: issuer.issuer };
  const token = await issuer.accessToken(claims, { header: { typ: 'at+jwt' }, key });
  expect((await verified(token, logto)).subject).toBe('rkxl1ops7gs1');
});
