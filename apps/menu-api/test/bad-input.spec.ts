import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dish, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
let token: string;
let before: string;
const menu = async (): Promise<string> => (await api.call('GET', '/api/menu/items')).text();
beforeAll(async () => {
  api = await startApi();
  token = await api.admin();
  before = await menu();
});
afterAll(() => api.stop());

const post = (
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> => api.call('POST', '/api/menu/items', { token, body, headers });

describe('a field that breaks a rule is named by its pointer', () => {
  it.each<[string, unknown]>([
    ['name', ''],
    ['name', '   '],
    ['name', 'x'.repeat(81)],
    ['name', 'x'.repeat(100_000).slice(0, 20_000)],
    ['name', 'a\u0000b'],
    ['name', 'a\u0007b'],
    ['name', '\ud800'],
    ['name', 7],
    ['name', null],
    ['name', ['Tea']],
    ['price', -1],
    ['price', 1.5],
    ['price', '599'],
    ['price', 10_000_001],
    ['price', Number.MAX_VALUE],
    ['tagline', 'x'.repeat(141)],
    ['description', ''],
    ['description', 'x'.repeat(2001)],
    ['image', 'javascript:alert(1)'],
    ['image', 'data:image/png;base64,AA'],
    ['image', 'http://pictures.example.com/a.png'],
    ['image', 'https://user:pass@pictures.example.com/a.png'],
    ['image', '/images/a.png'],
    ['image', 'https://pictures.example.com/\u0000'],
    ['image', 'https://pictures.example.com/a\n<script>'],
    ['name', '\u200b\u200b'],
    ['calories', -1],
    ['calories', 20_001],
    ['calories', '180'],
    ['category', 'Two Words'],
    ['category', 'x'.repeat(41)],
  ])('%s: %j', async (field, value) => {
    const response = await api.call('POST', '/api/menu/items', { token, json: dish({ [field]: value }) });
    const problem: { errors: { pointer: string; message: string }[]; message: string; statusCode: number } =
      await response.json();
    expect([response.status, response.headers.get('content-type')]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ]);
    expect(problem.errors.map(({ pointer }) => pointer)).toContain(`/${field}`);
    expect([problem.statusCode, typeof problem.message]).toEqual([400, 'string']);
  });

  it.each(['id', 'createdAt', 'version', 'permissions', 'constructor', 'Description'])(
    'refuses the unknown member %s',
    async (name) => {
      const response = await api.call('POST', '/api/menu/items', { token, json: { ...dish(), [name]: 'x' } });
      expect(response.status).toBe(400);
    },
  );

  it('takes every field at its limit', async () => {
    const json = dish({
      name: '🍵'.repeat(80),
      tagline: '茶'.repeat(140),
      description: '茶'.repeat(2000),
      price: 10_000_000,
      calories: 20_000,
      image: 'http://localhost:7000/images/a',
    });
    const response = await api.call('POST', '/api/menu/items', { token, json });
    expect(response.status).toBe(201);
    const { id }: { id: string } = await response.json();
    await api.call('DELETE', `/api/menu/items/${id}`, { token });
  });
});

describe('a body that is not what it says', () => {
  const valid = JSON.stringify(dish());
  it.each<[string, number, () => Promise<Response>]>([
    ['broken JSON', 400, () => post('{"name":')],
    ['an array', 400, () => post(`[${valid}]`)],
    ['null', 400, () => post('null')],
    ['nothing', 400, () => post('')],
    ['duplicate members', 400, () => post(valid.replace('{', '{"price":1,'))],
    ['a member called __proto__', 400, () => post(valid.replace('{', '{"__proto__":{"price":1},'))],
    ['NaN', 400, () => post(valid.replace('399', 'NaN'))],
    ['a byte order mark', 400, () => post(`\ufeff${valid}`)],
    ['bytes that are not UTF-8', 400, () => post(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]))],
    ['nesting of ten thousand levels', 400, () => post('['.repeat(10_000))],
    ['more bytes than a dish can have', 413, () => post(valid.replace('Spring', 'x'.repeat(100_000)))],
    ['a form', 415, () => post('name=Tea', { 'content-type': 'application/x-www-form-urlencoded' })],
    ['text', 415, () => post(valid, { 'content-type': 'text/plain' })],
    ['another charset', 415, () => post(valid, { 'content-type': 'application/json; charset=utf-16' })],
    ['compression', 415, () => post(valid, { 'content-encoding': 'gzip' })],
  ])('%s gets %i', async (_what, status, send) => {
    const response = await send();
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ]);
  });

  it('leaves the store as it was', async () => {
    expect(await menu()).toBe(before);
  });
});

it('answers an address it cannot read with a problem', async () => {
  const response = await fetch(`${api.url}/%zz`);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    400,
    'application/problem+json; charset=utf-8',
  ]);
});
