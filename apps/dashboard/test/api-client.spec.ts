import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiClient } from '../src/shared/api-client.ts';
import { nextPage } from '../src/features/menu/api/next-page.ts';

afterEach(() => vi.unstubAllGlobals());

function answering(...answers: readonly Response[]) {
  const sent: Headers[] = [];
  const left = [...answers];
  vi.stubGlobal('fetch', async (_url: URL, init: RequestInit) => {
    sent.push(new Headers(init.headers));
    const answer = left.shift();
    if (!answer) throw new TypeError('Failed to fetch');
    return answer;
  });
  return sent;
}

describe('the API client', () => {
  it('reads what is public without asking for a token', async () => {
    const sent = answering(Response.json([]));
    const token = vi.fn<() => Promise<string>>();
    await new ApiClient('http://localhost:7000', token).read('api/menu/items');
    expect(token).not.toHaveBeenCalled();
    expect(sent[0]?.has('authorization')).toBe(false);
  });

  it('renews the token once when the API calls it invalid', async () => {
    const invalid = new Response(null, {
      status: 401,
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    });
    const sent = answering(invalid, Response.json({}));
    const client = new ApiClient('http://localhost:7000', async ({ renew }) => (renew ? 'new' : 'old'));
    await client.call('api/whoami');
    expect(sent.map((headers) => headers.get('authorization'))).toEqual(['Bearer old', 'Bearer new']);
  });

  it('does not renew for a step-up, which only a person can answer', async () => {
    const challenge = { 'www-authenticate': 'Bearer error="insufficient_user_authentication", max_age=600' };
    const sent = answering(new Response(null, { status: 401, headers: challenge }));
    const client = new ApiClient('http://localhost:7000', async () => 'token');
    await expect(client.call('api/x')).rejects.toMatchObject({ kind: 'recent-sign-in', maxAge: 600 });
    expect(sent).toHaveLength(1);
  });

  it('says so when nobody answers', async () => {
    answering();
    const client = new ApiClient('http://localhost:7000', async () => 'token');
    await expect(client.read('api/menu/items')).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('follows a next page at the same server only', () => {
    const from = 'http://localhost:7000/api/menu/items';
    expect(nextPage('<?cursor=a>; rel="next"', from)).toBe(`${from}?cursor=a`);
    expect(nextPage('</x>; rel="prev", </api/menu/items?cursor=b>; rel="next"', from)).toBe(
      `${from}?cursor=b`,
    );
    expect(nextPage('<https://evil.example/>; rel="next"', from)).toBeUndefined();
    expect(nextPage(null, from)).toBeUndefined();
  });
});
