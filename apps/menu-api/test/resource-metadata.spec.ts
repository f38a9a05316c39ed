import { expect, it } from 'vitest';
import { startApi } from './running-api.ts';

it('tells anybody where tokens for this API come from and how to send them (RFC 9728)', async () => {
  const PUBLIC_URL = 'http://localhost:1234';
  const api = await startApi({ PUBLIC_URL });
  try {
    const response = await api.call('GET', '/.well-known/oauth-protected-resource', {
      headers: { authorization: 'Bearer not.a.token' },
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      expect.stringMatching(/^application\/json/),
    ]);
    expect(await response.json()).toEqual({
      resource: PUBLIC_URL,
      authorization_servers: [api.issuer.issuer],
      scopes_supported: ['create:items', 'read:items', 'update:items', 'delete:items'],
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: expect.arrayContaining(['ES256', 'EdDSA', 'RS256']),
      dpop_bound_access_tokens_required: false,
    });
    const refused = await api.call('GET', '/api/whoami');
    expect(refused.headers.get('www-authenticate')).toContain(
      `resource_metadata="${PUBLIC_URL}/.well-known/oauth-protected-resource"`,
    );
  } finally {
    await api.stop();
  }
});
