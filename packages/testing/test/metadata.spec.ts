import { allowInsecureRequests, discovery } from 'openid-client';
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify } from 'jose';
import type { TestIssuerOptions } from '@portcullis/testing';
import { describe, expect, it } from 'vitest';
import { started } from './started.ts';

const shapes: readonly TestIssuerOptions[] = [
  {},
  { trailingSlash: false },
  { path: '/tenant' },
  { path: '/tenant', trailingSlash: false },
];

describe.each(shapes)('the metadata of an issuer with %j', (shape) => {
  it.each(['oidc', 'oauth2'] as const)('are found by another client, by %s', async (algorithm) => {
    const issuer = await started(shape);
    const options = { algorithm, execute: [allowInsecureRequests] };
    const found = await discovery(new URL(issuer.issuer), 'a', undefined, undefined, options);
    expect(found.serverMetadata()).toMatchObject({
      issuer: issuer.issuer,
      jwks_uri: issuer.jwksUri,
      introspection_endpoint: issuer.introspectionEndpoint,
    });
    expect(issuer.issuer).toBe(
      `${new URL(issuer.issuer).origin}${shape.path ?? ''}${shape.trailingSlash === false ? '' : '/'}`,
    );
    const keys = createRemoteJWKSet(new URL(issuer.jwksUri));
    const { payload } = await jwtVerify(await issuer.accessToken(), keys, { issuer: issuer.issuer });
    expect(payload.iss).toBe(issuer.issuer);
    expect(issuer.visits).toEqual({ discovery: 1, keys: 1, introspection: 0 });
  });
});

describe('an issuer with one document alone', () => {
  it.each([
    ['openid', [200, 404]],
    ['oauth', [404, 200]],
    [undefined, [200, 200]],
  ] as const)('serves %s', async (metadata, expected) => {
    const { issuer, visits } = await started({ path: '/tenant', ...(metadata && { metadata }) });
    const { origin } = new URL(issuer);
    const openid = await fetch(`${origin}/tenant/.well-known/openid-configuration`);
    const oauth = await fetch(`${origin}/.well-known/oauth-authorization-server/tenant`);
    expect([openid.status, oauth.status]).toEqual(expected);
    expect(visits.discovery).toBe(metadata === undefined ? 2 : 1);
  });
});

describe('the key set', () => {
  it('holds what is published instead, until the next rotation', async () => {
    const issuer = await started();
    const keys = async (): Promise<unknown> => (await fetch(issuer.jwksUri)).json();
    issuer.publishKeys([{ kty: 'oct' }]);
    expect(await keys()).toEqual({ keys: [{ kty: 'oct' }] });
    await issuer.rotateKeys();
    expect(await keys()).toEqual({ keys: [issuer.key.publicJwk] });
  });

  it('holds nothing private', async () => {
    const issuer = await started({ algorithm: 'RS256' });
    const text = await (await fetch(issuer.jwksUri)).text();
    expect(text).not.toMatch(/"(d|p|q|dp|dq|qi)":/);
    const token = await issuer.accessToken();
    await expect(jwtVerify(token, createLocalJWKSet(JSON.parse(text)))).resolves.toBeDefined();
  });
});
