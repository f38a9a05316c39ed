import {
  authenticate,
  createAuthenticator,
  requireAuthentication,
  resourceMetadata,
  resourceMetadataUrl,
  serveResourceMetadata,
} from '@portcullis/http';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseChallenges } from './rfc9110.ts';
import { behind, serve } from './server.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

describe('protected-resource metadata (RFC 9728)', () => {
  it.each([
    ['https://menu.example', 'https://menu.example/.well-known/oauth-protected-resource'],
    ['https://menu.example/', 'https://menu.example/.well-known/oauth-protected-resource'],
    ['https://menu.example/v1', 'https://menu.example/.well-known/oauth-protected-resource/v1'],
    ['http://localhost:7000', 'http://localhost:7000/.well-known/oauth-protected-resource'],
  ])('of %s is at %s', (resource, address) => {
    expect(resourceMetadataUrl(resource)).toBe(address);
  });

  it.each([
    'http://menu.example',
    'https://menu.example/#a',
    'https://menu.example/?a',
    'https://u:p@menu.example',
    'menu',
    '',
  ])('is refused for %j, which no client could trust', (resource) => {
    expect(() => resourceMetadata({ resource, issuer: issuer.issuer })).toThrow(
      'resource must be an https address',
    );
    expect(() =>
      createAuthenticator({ issuer: issuer.issuer, audience: issuer.audience, resourceMetadata: resource }),
    ).toThrow('resourceMetadata must be an https address');
  });

  it('is served to anybody at its own path, and everything else goes on', async () => {
    const resource = 'http://localhost:7000/v1';
    const document = resourceMetadata({
      resource,
      issuer: issuer.issuer,
      scopes: ['read:items'],
      name: 'Menu',
    });
    const url = await serve(behind(serveResourceMetadata(document)));
    const path = '/.well-known/oauth-protected-resource/v1';
    const response = await fetch(`${url}${path}?x=1`, { headers: { authorization: 'Bearer a.b.c' } });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await response.json()).toEqual({
      resource,
      authorization_servers: [issuer.issuer],
      bearer_methods_supported: ['header'],
      scopes_supported: ['read:items'],
      resource_name: 'Menu',
    });
    const head = await fetch(url + path, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const post = await fetch(url + path, { method: 'POST' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect(await (await fetch(`${url}/.well-known/oauth-protected-resource`)).json()).toBeNull();
  });

  it('says which bound tokens are taken', () => {
    const { verifier } = createAuthenticator({
      issuer: issuer.issuer,
      audience: issuer.audience,
      dpop: { publicUrl: 'https://menu.example', replayStore: { remember: () => true }, required: true },
    });
    verifier.close();
    expect(
      resourceMetadata({ resource: 'https://menu.example', issuer: issuer.issuer, verifier }),
    ).toMatchObject({
      dpop_signing_alg_values_supported: verifier.dpop?.algorithms,
      dpop_bound_access_tokens_required: true,
    });
  });

  it('is named in every challenge, and found from there', async () => {
    const address = 'http://localhost:7000/.well-known/oauth-protected-resource';
    const who = createAuthenticator({
      issuer: issuer.issuer,
      audience: issuer.audience,
      resourceMetadata: address,
      dpop: { publicUrl: 'https://menu.example', replayStore: { remember: () => true } },
    });
    try {
      const url = await serve(behind(authenticate(who), requireAuthentication()));
      const tokens = [undefined, 'a.b.c', 'a b', await issuer.accessToken({ sub: 'test-client' })];
      for (const token of tokens) {
        const headers: Record<string, string> =
          token === undefined ? {} : { authorization: `Bearer ${token}` };
        const challenges = parseChallenges(
          (await fetch(url, { headers })).headers.get('www-authenticate') ?? '',
        );
        expect(challenges.map(({ scheme }) => scheme)).toEqual(['Bearer', 'DPoP']);
        for (const { parameters } of challenges)
          expect(parameters).toContainEqual(['resource_metadata', address]);
      }
    } finally {
      who.verifier.close();
    }
  });
});
