import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trust, verify } from './trust.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const authenticated = async (claims: Record<string, unknown> = {}) =>
  verify(trust(issuer), await issuer.accessToken(claims));

describe('an authentication', () => {
  it('says who calls, by issuer and subject', async () => {
    const authentication = await authenticated({ auth_time: 5, acr: 'high', amr: ['pwd', 7], iat: 100 });
    expect(authentication).toMatchObject({
      issuer: issuer.issuer,
      subject: 'user|1',
      client: 'test-client',
      kind: 'user',
      tokenKind: 'access_token',
      binding: undefined,
      issuedAt: 100,
      authTime: 5,
      acr: 'high',
      amr: ['pwd'],
    });
    expect((await authenticated({ client_id: undefined, azp: 'other' })).client).toBe('other');
  });

  it('tells no scope claim from an empty one', async () => {
    expect((await authenticated()).scopes).toBeUndefined();
    expect([...((await authenticated({ scope: '' })).scopes ?? ['none'])]).toEqual([]);
    const { scopes } = await authenticated({ scope: 'read:items  write:items' });
    expect([...(scopes ?? [])]).toEqual(['read:items', 'write:items']);
    expect(scopes?.has('read:items')).toBe(true);
    expect(scopes?.has('read')).toBe(false);
  });

  it('has the very set of names that another has which names the same', async () => {
    const [first, second] = [
      await authenticated({ scope: 'a b', permissions: ['a', 'b'] }),
      await authenticated({ scope: 'a  b', permissions: ['a b'] }),
    ];
    expect(second.scopes).toBe(first.scopes);
    expect(first.claimedPermissions).toBe(first.scopes);
    expect([...(second.claimedPermissions ?? [])]).toEqual(['a b']);
  });

  it.each<[string, Record<string, unknown>]>([
    ['user', {}],
    ['user', { sub: 'x@clients' }],
    ['machine', { sub: 'test-client' }],
    ['machine', { sub: 'test-client@clients' }],
    ['machine', { gty: 'client-credentials' }],
  ])('is of kind %s for %j', async (kind, claims) => {
    expect((await authenticated(claims)).kind).toBe(kind);
  });

  it('has the claims as they were sent, with nothing inherited', async () => {
    const sent = JSON.parse('{"__proto__":{"admin":true},"deep":{"list":[{"a":1}]},"é":"☃"}') as Record<
      string,
      unknown
    >;
    const { claims } = await authenticated(sent);
    expect(JSON.stringify(claims)).toContain('"__proto__":{"admin":true},"deep":{"list":[{"a":1}]},"é":"☃"');
    expect(claims['constructor']).toBeUndefined();
    expect(claims['admin']).toBeUndefined();
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it('is frozen through and through', async () => {
    const authentication = await authenticated({ scope: 'read', amr: ['pwd'], deep: { list: [{ a: 1 }] } });
    const { deep } = authentication.claims as { deep: { list: { a: number }[] } };
    for (const part of [
      authentication,
      authentication.claims,
      authentication.amr,
      authentication.scopes,
      deep,
      deep.list,
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    expect(Object.isFrozen(deep.list[0])).toBe(true);
    expect(authentication.scopes).not.toBeInstanceOf(Set); // `Set.prototype.add` would work on a frozen one
  });
});
