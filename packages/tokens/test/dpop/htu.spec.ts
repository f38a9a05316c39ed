import { describe, expect, it } from 'vitest';
import { createTrial, invalid } from './trial.ts';

type Row = readonly [publicUrl: string, target: string, htu: string];
const api = 'https://menu-api.example.com';

/** RFC 3986 6.2.2 and 6.2.3: another spelling of the same. */
const same: readonly Row[] = [
  [api, '/items', 'https://menu-api.example.com/items'],
  [api, '/items', 'HTTPS://menu-api.example.com/items'],
  [api, '/items', 'https://MENU-API.Example.COM/items'],
  [api, '/items', 'https://menu-api.example.com:443/items'],
  [api, '/items', 'https://menu-api.example.com:/items'],
  [`${api}:443`, '/items', 'https://menu-api.example.com/items'],
  [`${api}/`, '/items', 'https://menu-api.example.com/items'],
  [`${api}:8443`, '/items', 'https://menu-api.example.com:8443/items'],
  ['http://localhost:7000', '/items', 'http://localhost:7000/items'],
  ['http://127.0.0.1:80', '/items', 'http://127.0.0.1/items'],
  ['http://[::1]:7000', '/items', 'http://[0:0:0:0:0:0:0:1]:7000/items'],
  [api, '/', 'https://menu-api.example.com'],
  [api, '/?page=2', 'https://menu-api.example.com/'],
  [api, '/items?x=1', 'https://menu-api.example.com/items'],
  [api, '/items', 'https://menu-api.example.com/items?x=1'],
  [api, '/items?x=1', 'https://menu-api.example.com/items?y=2#z'],
  [api, '/items?next=/../../', 'https://menu-api.example.com/items'],
  [api, '/items#part', 'https://menu-api.example.com/items'],
  [api, '/%7Ealice', 'https://menu-api.example.com/~alice'],
  [api, '/~alice', 'https://menu-api.example.com/%7ealice'],
  [api, '/it%65ms', 'https://menu-api.example.com/items'],
  [api, '/caf%c3%a9', 'https://menu-api.example.com/caf%C3%A9'],
  [api, '/a%2fb', 'https://menu-api.example.com/a%2Fb'],
  [api, '/a/./b', 'https://menu-api.example.com/a/b'],
  [api, '/a/b', 'https://menu-api.example.com/a/x/../b'],
  [api, '/a/b/.', 'https://menu-api.example.com/a/b/'],
  [api, '/a/b/..', 'https://menu-api.example.com/a/'],
  [api, '/..', 'https://menu-api.example.com'],
  [api, '/a/%2e%2E/b', 'https://menu-api.example.com/b'],
  [api, '/../../b', 'https://menu-api.example.com/b'],
  [api, '//evil.example/x', 'https://menu-api.example.com//evil.example/x'],
  [api, '/a//b', 'https://menu-api.example.com/a//b'],
  [api, '/a|b', 'https://menu-api.example.com/a|b'],
  [api, '/a;v=1/b', 'https://menu-api.example.com/a;v=1/b'],
  [api, '/a@b', 'https://menu-api.example.com/a@b'],
  [`${api}/api/v1`, '/items', 'https://menu-api.example.com/api/v1/items'],
  [`${api}/api/v1/`, '/items', 'https://menu-api.example.com/api/v1/items'],
  [`${api}/api/../v1`, '/items', 'https://menu-api.example.com/v1/items'],
];

/** Another resource, or no URL that a request could have. */
const different: readonly Row[] = [
  [api, '/items', 'http://menu-api.example.com/items'],
  [api, '/items', 'https://menu-api.example.com:8443/items'],
  [api, '/items', 'https://menu-api.example.com:80/items'],
  [api, '/items', 'https://menu-api.example.com./items'],
  [api, '/items', 'https://menu-api.example.com.evil.example/items'],
  [api, '/items', 'https://evil.example/items'],
  [api, '/items', 'https://user@menu-api.example.com/items'],
  [api, '/items', 'https://menu-api.example.com@evil.example/items'],
  [api, '/items', 'https://evil.example\\@menu-api.example.com/items'],
  [api, '/items', 'https://menu-api.example.com\\items'],
  [api, '/', 'https://menu-api.example.com@evil.example/'],
  [api, '/', 'https://menu-api.example.com\\@evil.example/'],
  [api, '/', 'https://menu-api.example.com\\items'],
  [api, '/a/b/..', 'https://menu-api.example.com/a'],
  [api, '/items', 'https:/menu-api.example.com/items'],
  [api, '/items', 'https:///menu-api.example.com/items'],
  [api, '/items', 'https:menu-api.example.com/items'],
  [api, '/items', '//menu-api.example.com/items'],
  [api, '/items', '/items'],
  [api, '/items', 'items'],
  [api, '/items', ' https://menu-api.example.com/items'],
  [api, '/items', 'https://menu-api.example.com/items\n'],
  [api, '/items', 'https://menu-api.exa\tmple.com/items'],
  [api, '/items', 'https://menu-api.example.com/it\tems'],
  [api, '/items', 'https://menu\u2010api.example.com/items'],
  [api, '/items', 'wss://menu-api.example.com/items'],
  [api, '/items', 'https://menu-api.example.com:443:443/items'],
  [api, '/items', 'https://menu-api.example.com/Items'],
  [api, '/items', 'https://menu-api.example.com/items/'],
  [api, '/items', 'https://menu-api.example.com/'],
  [api, '/items', 'https://menu-api.example.com'],
  [api, '/items', 'https://menu-api.example.com/items/1'],
  [api, '/items', 'https://menu-api.example.com?/items'],
  [api, '/items', 'https://menu-api.example.com//items'],
  [api, '/a%2Fb', 'https://menu-api.example.com/a/b'],
  [api, '/a%252Fb', 'https://menu-api.example.com/a%2Fb'],
  [api, '/a%3Fb', 'https://menu-api.example.com/a?b'],
  [api, '/a+b', 'https://menu-api.example.com/a%20b'],
  [api, '/a/..%2fb', 'https://menu-api.example.com/b'],
  [api, '/a/...', 'https://menu-api.example.com/'],
  [api, '//evil.example/x', 'https://evil.example/x'],
  [api, '//evil.example/x', 'https://menu-api.example.com/x'],
  [api, '/\\evil.example/x', 'https://evil.example/x'],
  [api, '/@evil.example/x', 'https://evil.example/x'],
  [api, '/.evil.example/x', 'https://menu-api.example.com.evil.example/x'],
  [`${api}/api`, '/items', 'https://menu-api.example.com/items'],
  [`${api}/api`, '/../items', 'https://menu-api.example.com/items'],
  [`${api}/api`, '/%2e%2e/items', 'https://menu-api.example.com/items'],
];

/** Targets that are no path (RFC 9112 3.2), whatever the proof says. */
const noPath: readonly Row[] = [
  [api, 'https://menu-api.example.com/items', 'https://menu-api.example.com/items'],
  [api, 'http://evil.example/items', 'https://menu-api.example.com/items'],
  [api, '*', 'https://menu-api.example.com/*'],
  [api, '*', 'https://menu-api.example.com'],
  [api, '*', '*'],
  [api, 'menu-api.example.com:443', 'https://menu-api.example.com'],
  [api, '', 'https://menu-api.example.com'],
  [api, '?x=1', 'https://menu-api.example.com'],
  [api, '@evil.example/', 'https://evil.example/'],
  [api, ' /items', 'https://menu-api.example.com/items'],
];

async function check([publicUrl, target, htu]: Row): Promise<void> {
  const trial = await createTrial({ publicUrl });
  await trial.check(trial.proof({ claims: { htu } }), { url: target });
}

describe('the URL that a proof names', () => {
  it.each(same)('behind %s, for %s, may be %j', async (...row) => {
    await expect(check(row)).resolves.toBeUndefined();
  });

  it.each(different)('behind %s, for %s, is not %j', async (...row) => {
    await expect(check(row)).rejects.toMatchObject(invalid);
  });

  it.each(noPath)('behind %s is never that of a request for %j (%j)', async (...row) => {
    await expect(check(row)).rejects.toMatchObject(invalid);
  });

  it('cannot be compared when the request has none', async () => {
    const { dpop, proof, jkt } = await createTrial();
    const request = { scheme: 'dpop', token: 'an-access.token.of-Alice', method: 'GET' } as const;
    await expect(dpop.check({ ...request, proof: proof() }, jkt)).rejects.toMatchObject(invalid);
    await expect(dpop.check({ ...request, proof: proof(), url: '/items' }, jkt)).resolves.toBeUndefined();
  });
});
