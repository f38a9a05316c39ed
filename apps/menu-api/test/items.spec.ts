import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dish, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
let token: string;
beforeAll(async () => {
  api = await startApi();
  token = await api.admin();
});
afterAll(() => api.stop());

async function created(fields: Record<string, unknown> = {}): Promise<{ id: string; path: string }> {
  const response = await api.call('POST', '/api/menu/items', { token, json: dish(fields) });
  expect(response.status).toBe(201);
  const { id }: { id: string } = await response.json();
  return { id, path: `/api/menu/items/${id}` };
}

describe('the menu, for anybody', () => {
  it('starts with the seeds, the three dishes of the tutorial among them', async () => {
    const items: { name: string; price: number }[] = await (await api.call('GET', '/api/menu/items')).json();
    const prices = new Map(items.map(({ name, price }) => [name, price]));
    expect(items.length).toBeGreaterThanOrEqual(20);
    expect([prices.get('Burger'), prices.get('Pizza'), prices.get('Tea')]).toEqual([599, 299, 199]);
  });

  it('ships the picture of every seed', async () => {
    const items: { image: string }[] = await (await api.call('GET', '/api/menu/items')).json();
    const pictures = items.filter(({ image }) => image.startsWith(api.url));
    expect(pictures.length).toBeGreaterThanOrEqual(20);
    for (const { image } of pictures) {
      const response = await fetch(image);
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
      expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    }
  });

  it('filters by category and groups by it', async () => {
    const { id } = await created({ category: 'sides' });
    const sides: { id: string; category: string }[] = await (
      await api.call('GET', '/api/menu/items?category=sides')
    ).json();
    expect(sides.every(({ category }) => category === 'sides')).toBe(true);
    expect(sides.map((side) => side.id)).toContain(id);
    const menus: { id: string; items: { category: string }[] }[] = await (
      await api.call('GET', '/api/menu/menus')
    ).json();
    expect(menus.map((menu) => menu.id)).toEqual(menus.map((menu) => menu.id).toSorted());
    expect(menus.every((menu) => menu.items.every(({ category }) => category === menu.id))).toBe(true);
  });

  it('answers 304 to whoever has the list or the item already', async () => {
    const { path } = await created();
    for (const address of ['/api/menu/items', path]) {
      const etag = (await api.call('GET', address)).headers.get('etag') ?? '';
      expect(etag).toMatch(/^"[^"]+"$/);
      const again = await api.call('GET', address, { headers: { 'if-none-match': `"other", W/${etag}` } });
      expect([again.status, await again.text()]).toEqual([304, '']);
      const changed = await api.call('GET', address, { headers: { 'if-none-match': '"other"' } });
      expect(changed.status).toBe(200);
    }
  });

  it('changes the list tag when an item changes', async () => {
    const { path } = await created();
    const before = (await api.call('GET', '/api/menu/items')).headers.get('etag');
    await api.call('PATCH', path, { token, json: { price: 1 } });
    expect((await api.call('GET', '/api/menu/items')).headers.get('etag')).not.toBe(before);
  });

  it.each([
    '__proto__',
    'constructor',
    'hasOwnProperty',
    '1',
    '-1',
    "' OR 1=1--",
    '01a20b3e-cc2e-77fa-81d0-e41ca32c9a16',
    '%00',
  ])('answers 404 to the unknown id %s on every verb', async (id) => {
    const path = `/api/menu/items/${encodeURIComponent(id)}`;
    expect((await api.call('GET', path)).status).toBe(404);
    expect((await api.call('PUT', path, { token, json: dish() })).status).toBe(404);
    expect((await api.call('PATCH', path, { token, json: { price: 1 } })).status).toBe(404);
    expect((await api.call('DELETE', path, { token })).status).toBe(404);
  });

  it('refuses a query it does not know', async () => {
    expect((await api.call('GET', '/api/menu/items?catgory=sides')).status).toBe(400);
    expect((await api.call('GET', '/api/menu/items?category[__proto__]=x')).status).toBe(400);
    expect((await api.call('GET', '/api/menu/items?category=%00')).status).toBe(400);
  });
});

describe('writing', () => {
  it('stores a dish, says where, and gives it back as stored', async () => {
    const response = await api.call('POST', '/api/menu/items', {
      token,
      json: dish({ name: 'Café 7-Up 🥗 日本' }),
    });
    const item: Record<string, unknown> = await response.json();
    expect(response.headers.get('location')).toBe(`/api/menu/items/${String(item['id'])}`);
    expect(response.headers.get('etag')).toBe('"1"');
    expect(item).toMatchObject(dish({ name: 'Café 7-Up 🥗 日本', version: 1 }));
    expect(await (await api.call('GET', `/api/menu/items/${String(item['id'])}`)).json()).toEqual(item);
  });

  it('files a dish without a category under uncategorized', async () => {
    const response = await api.call('POST', '/api/menu/items', {
      token,
      json: dish({ category: undefined, calories: undefined }),
    });
    const item: Record<string, unknown> = await response.json();
    expect([item['category'], 'calories' in item]).toEqual(['uncategorized', false]);
  });

  it('replaces a dish whole, and takes the id its address names', async () => {
    const { id, path } = await created();
    const response = await api.call('PUT', path, {
      token,
      json: dish({ id, calories: undefined, price: 1 }),
    });
    const item: Record<string, unknown> = await response.json();
    expect([response.status, item['price'], item['version'], 'calories' in item]).toEqual([200, 1, 2, false]);
    expect((await api.call('PUT', path, { token, json: dish({ id: 'another' }) })).status).toBe(400);
  });

  it('changes only what a patch names; null takes away what may be absent', async () => {
    const { path } = await created();
    const response = await api.call('PATCH', path, {
      token,
      body: '{"price":5,"calories":null,"category":null}',
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    const item: Record<string, unknown> = await response.json();
    expect(item).toMatchObject({ name: 'Spring Salad', price: 5, category: 'uncategorized', version: 2 });
    expect('calories' in item).toBe(false);
    expect((await api.call('PATCH', path, { token, json: { name: null } })).status).toBe(400);
  });

  it('removes a dish, also when the client names a content type and sends nothing', async () => {
    const { path } = await created();
    const response = await api.call('DELETE', path, {
      token,
      headers: { 'content-type': 'application/json' },
    });
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect((await api.call('GET', path)).status).toBe(404);
  });

  it.each(['PUT', 'PATCH', 'DELETE'])(
    '%s with If-Match writes the version read, and no other',
    async (method) => {
      const { path } = await created();
      const json = method === 'DELETE' ? {} : { json: method === 'PUT' ? dish() : { price: 1 } };
      for (const stale of ['"2"', 'W/"1"', '"x"', '"1x"']) {
        const response = await api.call(method, path, { token, ...json, headers: { 'if-match': stale } });
        expect(response.status, stale).toBe(412);
      }
      expect((await api.call(method, path, { token, ...json, headers: { 'if-match': '1' } })).status).toBe(
        400,
      );
      const response = await api.call(method, path, { token, ...json, headers: { 'if-match': '"7", "1"' } });
      expect(response.status).toBe(method === 'DELETE' ? 204 : 200);
    },
  );

  it('loses no update when fifty patches race, and lets one of fifty conditional ones win', async () => {
    const { path } = await created();
    const patches = Array.from({ length: 50 }, (_, price) =>
      api.call('PATCH', path, { token, json: { price } }),
    );
    expect((await Promise.all(patches)).map(({ status }) => status)).toEqual(Array(50).fill(200));
    const { version }: { version: number } = await (await api.call('GET', path)).json();
    expect(version).toBe(51);
    const races = Array.from({ length: 50 }, (_, price) =>
      api.call('PATCH', path, { token, json: { price }, headers: { 'if-match': '"51"' } }),
    );
    const statuses = (await Promise.all(races)).map(({ status }) => status);
    expect([
      statuses.filter((status) => status === 200).length,
      statuses.filter((status) => status === 412).length,
    ]).toEqual([1, 49]);
  });

  it('stores a thousand dishes from a thousand parallel requests', async () => {
    const count = async (): Promise<number> => {
      const items: unknown[] = await (await api.call('GET', '/api/menu/items?category=thousand')).json();
      return items.length;
    };
    const responses = await Promise.all(
      Array.from({ length: 1000 }, () =>
        api.call('POST', '/api/menu/items', { token, json: dish({ category: 'thousand' }) }),
      ),
    );
    const ids = await Promise.all(
      responses.map(async (response) => ((await response.json()) as { id: string }).id),
    );
    expect([
      responses.filter(({ status }) => status === 201).length,
      new Set(ids).size,
      await count(),
    ]).toEqual([1000, 1000, 1000]);
  }, 60_000);
});

describe('emptying and resetting', () => {
  it('need a login of the last ten minutes, and ask for one as RFC 9470 says', async () => {
    const stale = await api.admin({ auth_time: Math.floor(Date.now() / 1000) - 700 });
    for (const [method, path] of [
      ['DELETE', '/api/menu/items'],
      ['POST', '/api/menu/reset'],
    ] as const) {
      const response = await api.call(method, path, { token: stale });
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([
        401,
        expect.stringMatching(/error="insufficient_user_authentication".*max_age="600"/),
      ]);
    }
  });

  it('empty the menu and bring the seeds back', async () => {
    expect((await api.call('DELETE', '/api/menu/items', { token })).status).toBe(204);
    expect(await (await api.call('GET', '/api/menu/items')).json()).toEqual([]);
    const response = await api.call('POST', '/api/menu/reset', { token });
    const items: { name: string }[] = await response.json();
    expect([response.status, items.some(({ name }) => name === 'Burger')]).toEqual([200, true]);
    expect(await (await api.call('GET', '/api/menu/items')).json()).toEqual(items);
  });
});
