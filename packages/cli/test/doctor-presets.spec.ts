import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfiguration } from '../src/doctor/configuration.ts';
import { examine } from '../src/doctor/examination.ts';
import { auth0 } from '../../tokens/test/presets/fixtures/auth0.ts';
import { introspected } from '../../tokens/test/presets/fixtures/authentik.ts';
import { cognito } from '../../tokens/test/presets/fixtures/cognito.ts';
import { entra } from '../../tokens/test/presets/fixtures/entra.ts';
import type { Fixture, Fixtures } from '../../tokens/test/presets/fixtures/fixture.ts';
import { generic } from '../../tokens/test/presets/fixtures/generic.ts';
import { hydra } from '../../tokens/test/presets/fixtures/hydra.ts';
import { keycloak } from '../../tokens/test/presets/fixtures/keycloak.ts';
import { logto } from '../../tokens/test/presets/fixtures/logto.ts';
import { okta } from '../../tokens/test/presets/fixtures/okta.ts';
import { portcullis } from '../../tokens/test/presets/fixtures/portcullis.ts';
import { zitadel } from '../../tokens/test/presets/fixtures/zitadel.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer()));
afterAll(() => issuer.stop());

function minted({ header, claims }: Fixture): Promise<string> {
  const none = { sub: undefined, aud: undefined, client_id: undefined, jti: undefined };
  return issuer.accessToken(
    { ...none, ...claims, iss: issuer.issuer },
    { header: { typ: undefined, ...header } },
  );
}

async function complaints({ provider, audience }: Fixtures, token: string) {
  const AUDIENCE = [audience].flat().join(',');
  const variables = { ISSUER_URL: issuer.issuer, AUDIENCE, PROVIDER: provider };
  return (await examine(readConfiguration(variables), token)).filter(({ verdict }) => verdict !== 'right');
}

const all = [portcullis, auth0, keycloak, entra, cognito, okta, logto, zitadel, hydra, generic];

describe.each(all)('what $provider sends', (fixtures) => {
  it.each(Object.entries(fixtures.accepted))('is right: %s', async (_what, fixture) => {
    const found = await complaints(fixtures, await minted(fixture));
    // What a token lacks in permissions is the application's to judge.
    expect(found.filter(({ about }) => about !== 'permissions')).toEqual([]);
    const says = found.map((finding) => finding.says).join();
    const { permissions } = fixture.expected;
    if (permissions === undefined) expect(says).toContain('says nothing about permissions');
    else expect(says).not.toContain('says nothing about permissions');
  });

  it.each(Object.entries(fixtures.refused))('is wrong, with what to do: %s', async (_what, fixture) => {
    const { code, hint = /./ } = fixture.expected;
    expect(await complaints(fixtures, await minted(fixture))).toEqual([
      {
        verdict: 'wrong',
        about: expect.any(String),
        says: expect.stringContaining(`[${code}]`),
        fix: expect.stringMatching(hint),
      },
    ]);
  });
});

it('authentik is introspected', async () => {
  const { clientId, clientSecret } = issuer.introspectionClient;
  const variables = {
    ISSUER_URL: issuer.issuer,
    AUDIENCE: introspected.aud,
    PROVIDER: 'authentik',
    TOKEN_FORMAT: 'opaque',
    INTROSPECTION_CLIENT_ID: clientId,
    INTROSPECTION_CLIENT_SECRET: clientSecret,
  };
  const token = issuer.opaqueToken({ ...introspected, iss: issuer.issuer });
  const found = await examine(readConfiguration(variables), token);
  expect(found.filter(({ verdict }) => verdict === 'wrong')).toEqual([]);
  expect(found).toContainEqual(expect.objectContaining({ verdict: 'right', about: 'token' }));
});
