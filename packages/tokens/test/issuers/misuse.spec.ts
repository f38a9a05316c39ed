import { createTestIssuer } from '@portcullis/testing';
import { createVerifier } from '@portcullis/tokens';
import { describe, expect, it, onTestFinished } from 'vitest';
import { untyped } from '../untyped.ts';

type Options = Readonly<Record<string, unknown>>;

const a = 'https://a.example/';
const b = 'https://b.example/';
const authentication = { clientId: 'api', clientSecret: 'secret' };
const introspection = { authentication };
const tenant = '11111111-2222-3333-4444-555555555555';

function created(options: Options): () => void {
  const good = { issuer: a, audience: 'https://api.example' };
  return () => createVerifier({ ...good, ...untyped(options) }).close();
}

describe('a verifier that is set up wrongly does not start, and says by which option', () => {
  it.each<[string, RegExp, Options, Options]>([
    [
      'an unknown provider',
      /"provider" must be one of .*auth0/,
      { provider: 'auth1' },
      { provider: 'auth0' },
    ],
    ['a provider like a member', /"provider"/, { provider: 'constructor' }, { provider: 'generic' }],
    ['an unknown format', /"tokenFormat" must be/, { tokenFormat: 'jwe' }, { tokenFormat: 'jwt' }],
    [
      'opaque without introspection',
      /"introspection" must be set with the tokenFormat opaque/,
      { tokenFormat: 'opaque' },
      { tokenFormat: 'opaque', introspection },
    ],
    [
      'both without introspection',
      /"introspection" must be set with the tokenFormat both/,
      { tokenFormat: 'both' },
      { tokenFormat: 'both', introspection },
    ],
    [
      'introspection without the format',
      /"introspection" goes with the tokenFormat/,
      { introspection },
      { introspection, tokenFormat: 'both' },
    ],
    [
      'introspection with the format jwt',
      /"introspection" goes with the tokenFormat/,
      { introspection, tokenFormat: 'jwt' },
      { tokenFormat: 'jwt' },
    ],
    [
      'introspection that does not say who asks',
      /"introspection.authentication"/,
      { tokenFormat: 'opaque', introspection: {} },
      { tokenFormat: 'opaque', introspection },
    ],
    [
      'an endpoint over plain http',
      /"introspection.endpoint"/,
      { tokenFormat: 'opaque', introspection: { ...introspection, endpoint: 'http://a.example/i' } },
      { tokenFormat: 'opaque', introspection: { ...introspection, endpoint: 'https://a.example/i' } },
    ],
    [
      'authentik with JWTs',
      /"tokenFormat" must be opaque with the provider "authentik"/,
      { provider: 'authentik' },
      { provider: 'authentik', tokenFormat: 'opaque', introspection },
    ],
    [
      'authentik with both',
      /"tokenFormat" must be opaque/,
      { provider: 'authentik', tokenFormat: 'both', introspection },
      { provider: 'authentik', tokenFormat: 'opaque', introspection },
    ],
    [
      'Entra for all tenants',
      /"issuer" stands for many tenants/,
      { provider: 'entra', issuer: 'https://login.microsoftonline.com/common/v2.0' },
      { provider: 'entra', issuer: `https://login.microsoftonline.com/${tenant}/v2.0` },
    ],
    [
      'a Keycloak realm with a slash',
      /"issuer" ends in a slash/,
      { provider: 'keycloak', issuer: 'https://a.example/realms/menu/' },
      { provider: 'keycloak', issuer: 'https://a.example/realms/menu' },
    ],
    [
      'an Auth0 tenant without a slash',
      /"issuer" lacks the slash/,
      { provider: 'auth0', issuer: 'https://a.example' },
      { provider: 'auth0', issuer: a },
    ],
    ['an unknown profile', /"profile" must be/, { profile: 'strikt' }, { profile: 'strict' }],
    ['a profile that is true', /"profile" must be/, { profile: true }, { profile: 'compatible' }],
    ['no audience', /"audience" must be set/, { audience: undefined }, {}],
    [
      'no audience for one of two',
      /"audience"/,
      { audience: undefined, issuer: [{ issuer: a, audience: 'urn:a' }, b] },
      {
        audience: undefined,
        issuer: [
          { issuer: a, audience: 'urn:a' },
          { issuer: b, audience: 'urn:b' },
        ],
      },
    ],
    [
      'an audience twice',
      /"audience" names the same one twice/,
      { audience: ['a', 'a'] },
      { audience: ['a'] },
    ],
    ['one issuer twice', /"issuer" names the same one twice/, { issuer: [a, a] }, { issuer: [a, b] }],
    [
      'one issuer twice, with rules',
      /"issuer" names the same one twice/,
      { issuer: [a, { issuer: a, audience: 'urn:a' }] },
      { issuer: [a, { issuer: b, audience: 'urn:b' }] },
    ],
    [
      'one tenant of Entra twice, by either of its issuers',
      /"issuer" names the same one twice/,
      {
        provider: 'entra',
        issuer: [`https://login.microsoftonline.com/${tenant}/v2.0`, `https://sts.windows.net/${tenant}/`],
      },
      { provider: 'entra', issuer: [`https://sts.windows.net/${tenant}/`] },
    ],
    [
      'an issuer without a name',
      /"issuer"/,
      { issuer: [{ audience: 'urn:a' }] },
      { issuer: [{ issuer: a }] },
    ],
    ['an issuer that is a number', /"issuer"/, { issuer: [7] }, { issuer: [a] }],
    [
      'one place of keys for two',
      /"jwksUri" goes with one issuer/,
      { issuer: [a, b], jwksUri: 'https://a.example/keys' },
      { issuer: [{ issuer: a, jwksUri: 'https://a.example/keys' }, b] },
    ],
    [
      'one place of keys for whomever a function names',
      /"jwksUri" goes with one issuer/,
      { issuer: () => undefined, jwksUri: 'https://a.example/keys' },
      { issuer: () => undefined },
    ],
    [
      'a place of keys over plain http, of one',
      /"jwksUri"/,
      { issuer: [{ issuer: a, jwksUri: 'http://a.example/keys' }, b] },
      { issuer: [{ issuer: a, jwksUri: 'https://a.example/keys' }, b] },
    ],
    [
      'an algorithm that is none, of one',
      /"algorithms"/,
      { issuer: [{ issuer: a, algorithms: ['HS256'] }, b] },
      { issuer: [{ issuer: a, algorithms: ['ES256'] }, b] },
    ],
    [
      'too tolerant a clock, of one',
      /"clockTolerance"/,
      { issuer: [{ issuer: a, clockTolerance: 61 }, b] },
      { issuer: [{ issuer: a, clockTolerance: 60 }, b] },
    ],
  ])('%s', (_fault, message, wrong, right) => {
    expect(created(wrong)).toThrow(TypeError);
    expect(created(wrong)).toThrow(message);
    expect(created(right)).not.toThrow();
  });

  it('and leaves nothing running: no issuer is asked for keys', async () => {
    const issuer = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => issuer.stop());
    const listed = (rules: Options): Options => ({
      issuer: [
        issuer.issuer,
        { issuer: b, tokenFormat: 'opaque', introspection: { authentication, ...rules } },
      ],
    });
    expect(created(listed({ maxAge: -1 }))).toThrow(/"introspection.maxAge"/);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(issuer.visits.discovery).toBe(0);
    const verifier = createVerifier({ issuer: '', audience: 'urn:a', ...untyped(listed({})) });
    onTestFinished(() => verifier.close());
    await verifier.ready();
    expect(issuer.visits.discovery).toBe(1);
  });
});
