import { describe, expect, it } from 'vitest';
import { isPresetName, presetNames, presetOf } from '../../src/presets/presets.ts';

const tenant = '2f5d3e0a-8c1b-4f7e-9a6d-0b1c2d3e4f50';
const version2 = `https://login.microsoftonline.com/${tenant}/v2.0`;
const version1 = `https://sts.windows.net/${tenant}/`;

describe('the issuers that one identifier stands for', () => {
  const { issuersOf } = presetOf('entra');

  it.each([version2, version1])('are both versions of the Entra tenant for %s', (issuer) => {
    expect(issuersOf?.(issuer)).toEqual([version2, version1]);
  });

  it.each([
    'https://login.microsoftonline.us/2f5d3e0a-8c1b-4f7e-9a6d-0b1c2d3e4f50/v2.0',
    'https://wab.ciamlogin.com/2f5d3e0a-8c1b-4f7e-9a6d-0b1c2d3e4f50/v2.0',
    'https://evil.example/https://sts.windows.net/2f5d3e0a-8c1b-4f7e-9a6d-0b1c2d3e4f50/',
    `${version2}/`,
    `${version1}x`,
    'https://loginXmicrosoftonline.com/2f5d3e0a-8c1b-4f7e-9a6d-0b1c2d3e4f50/v2.0',
  ])('are itself alone for %s', (issuer) => {
    expect(issuersOf?.(issuer)).toEqual([issuer]);
  });

  it('are itself alone for every other provider', () => {
    expect(presetNames.filter((name) => presetOf(name).issuersOf !== undefined)).toEqual(['entra']);
  });
});

describe('an identifier that no token of the provider can have', () => {
  it.each<[Parameters<typeof presetOf>[0], string, RegExp]>([
    ['entra', 'https://login.microsoftonline.com/common/v2.0', /many tenants.*resolver function/],
    ['entra', 'https://login.microsoftonline.com/organizations/v2.0', /many tenants.*resolver function/],
    ['entra', 'https://login.microsoftonline.com/consumers/v2.0', /many tenants.*resolver function/],
    ['entra', 'https://login.microsoftonline.com/Common', /many tenants.*resolver function/],
    ['entra', 'https://login.microsoftonline.com/{tenantid}/v2.0', /many tenants.*resolver function/],
    ['entra', 'https://login.microsoftonline.com/wab.onmicrosoft.com/v2.0', /the id and not the domain/],
    ['entra', `https://login.microsoftonline.com/${tenant}`, /not as tokens have it/],
    ['entra', `https://login.microsoftonline.com/${tenant.toUpperCase()}/v2.0`, /lower case/],
    ['entra', version1.slice(0, -1), /not as tokens have it/],
    ['auth0', 'https://wab-tenant.eu.auth0.com', /slash/],
    ['keycloak', 'https://login.example.com/realms/wab/', /slash/],
    ['cognito', 'https://wab.auth.eu-central-1.amazoncognito.com', /cognito-idp/],
    ['okta', 'https://wab.okta.com', /custom one/],
    ['okta', 'https://wab.oktapreview.com/', /custom one/],
  ])('is refused with what to write instead: %s, %s', (provider, issuer, sentence) => {
    expect(presetOf(provider).refuseIssuer?.(issuer)).toMatch(sentence);
  });

  it.each<[Parameters<typeof presetOf>[0], string]>([
    ['entra', version2],
    ['entra', version1],
    ['entra', 'https://login.microsoftonline.us/2f5d3e0a-8c1b-4f7e-9a6d-0b1c2d3e4f50/v2.0'],
    ['auth0', 'https://wab-tenant.eu.auth0.com/'],
    ['auth0', 'https://login.example.com/'],
    ['keycloak', 'https://login.example.com/realms/wab'],
    ['keycloak', 'https://login.example.com/auth/realms/wab'],
    ['cognito', 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example01'],
    ['okta', 'https://wab.okta.com/oauth2/default'],
    ['okta', 'https://login.example.com/oauth2/ausexample'],
  ])('is not this: %s, %s', (provider, issuer) => {
    expect(presetOf(provider).refuseIssuer?.(issuer)).toBeUndefined();
  });
});

describe('the presets', () => {
  it('are found by their names alone', () => {
    expect(presetNames).toHaveLength(11);
    for (const name of presetNames) expect(presetOf(name).name).toBe(name);
    for (const name of ['Auth0', 'constructor', '__proto__', '', undefined]) {
      expect(isPresetName(name)).toBe(false);
    }
  });

  it('are frozen, and write `typ` as it is compared', () => {
    for (const preset of presetNames.map(presetOf)) {
      expect(Object.isFrozen(preset)).toBe(true);
      for (const typ of preset.typ) expect(typ).toBe(typ?.toLowerCase().replace(/^application\//, ''));
    }
  });

  it('read what is a claim by a JSON Pointer', () => {
    for (const { scopes, permissions, roles } of presetNames.map(presetOf)) {
      for (const { pointer } of [...scopes, ...permissions, ...roles]) {
        expect(pointer).toMatch(/^(\/([^~/]|~[01])+)+$/); // RFC 6901 3
      }
    }
  });

  it('say what to do about an audience, as a sentence without line breaks', () => {
    for (const { audienceHint } of presetNames.map(presetOf)) expect(audienceHint).toMatch(/^[^\n]+\.$/);
  });
});
