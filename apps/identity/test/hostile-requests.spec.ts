import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startForTest } from './support/identity.ts';
import { authorization, MENU_API } from './support/login.ts';

let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;
beforeAll(async () => {
  identity = await startForTest();
  issuer = identity.url;
});
afterAll(() => identity.stop());

/** An answer to headers that fetch would not send. */
function answer(path: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    get(new URL(path, issuer), { headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    }).on('error', reject);
  });
}

describe('an authorization request', () => {
  it('for two resources is refused, so that no consent page can show less than it gives', async () => {
    const { url } = authorization(issuer, { client_id: 'supper-club' });
    const twice = new URL(url);
    twice.searchParams.append('resource', MENU_API);
    twice.searchParams.append('resource', MENU_API);
    const response = await fetch(twice, { redirect: 'manual' });
    expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_target' }]);
  });

  it('with an address longer than any client needs is refused before anything is stored', async () => {
    const { url } = authorization(issuer, {});
    const response = await fetch(`${url}&login_hint=${'x'.repeat(9000)}`, { redirect: 'manual' });
    expect(response.status).toBe(400);
  });
});

describe('a form to the authorization endpoint', () => {
  const post = (body: string, type = 'application/x-www-form-urlencoded') =>
    fetch(new URL('/authorize', issuer), {
      method: 'POST',
      redirect: 'manual',
      headers: { 'Content-Type': type },
      body,
    });

  it('becomes a link to the same, and nowhere else', async () => {
    const response = await post(
      'client_id=wab-dashboard&redirect_uri=http%3A%2F%2Fevil.example%2F&a=%0D%0AX%3A1',
    );
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe(
      '/authorize?client_id=wab-dashboard&redirect_uri=http%3A%2F%2Fevil.example%2F&a=%0D%0AX%3A1',
    );
  });

  it.each([
    ['too large', 'a='.padEnd(20_000, 'x'), undefined],
    ['of another type', '{"client_id":"wab-dashboard"}', 'application/json'],
    ['of no type that a form has', 'client_id=wab-dashboard', 'text/plain'],
  ])('that is %s is refused', async (_name, body, type) => {
    const response = await post(body, type);
    expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_request' }]);
  });
});

describe('the addresses in the metadata', () => {
  it.each([{ 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }, { host: 'localhost:9999' }])(
    'are the issuer’s, whatever a request says: %j',
    async (headers) => {
      const { status, body } = await answer('/.well-known/openid-configuration', headers);
      expect(status).toBe(200);
      const metadata: { jwks_uri: string; token_endpoint: string } = JSON.parse(body);
      expect(metadata.jwks_uri).toBe(`${issuer}.well-known/jwks.json`);
      expect(metadata.token_endpoint).toBe(`${issuer}oauth/token`);
    },
  );

  it('promise nothing that is not there', async () => {
    const { body } = await answer('/.well-known/openid-configuration', {});
    expect(body).not.toMatch(/registration|ciba|check_session|frontchannel|implicit|"token"|id_token token/);
  });
});

describe('every answer of the provider', () => {
  it.each([
    ['GET', '/authorize'],
    ['POST', '/authorize'],
    ['GET', '/activate'],
    ['POST', '/activate'],
    ['GET', '/activate/unknown'],
    ['POST', '/oauth/token'],
    ['POST', '/oauth/par'],
    ['POST', '/oauth/device/code'],
    ['POST', '/oauth/introspect'],
    ['POST', '/oauth/revoke'],
    ['GET', '/userinfo'],
    ['GET', '/oidc/logout'],
    ['GET', '/v2/logout?returnTo=http://evil.example'],
    ['GET', '/nothing'],
  ])('to %s %s is stored nowhere, framed by nobody, and runs no script of its own', async (method, path) => {
    const response = await fetch(new URL(path, issuer), {
      method,
      redirect: 'manual',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    expect(response.headers.get('cache-control')).toContain('no-store');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toMatch(/script-src ('none'|'sha256-[\w+/=]+')(;|$)/);
    expect(policy).not.toContain('unsafe');
    expect(response.headers.get('server') ?? response.headers.get('x-powered-by')).toBeNull();
  });

  it.each([
    '/authorize?client_id=MARK',
    '/authorize?client_id=wab-dashboard&redirect_uri=MARK',
    '/authorize?client_id=wab-dashboard&redirect_uri=http://localhost:4040/&response_type=MARK&response_mode=form_post&state=MARK',
    '/authorize?client_id=wab-dashboard&redirect_uri=http://localhost:4040/&prompt=none&response_mode=web_message&state=MARK',
    '/authorize/MARK',
    '/activate?user_code=MARK',
    '/activate/MARK',
    '/oidc/logout?id_token_hint=MARK',
    '/oidc/logout?post_logout_redirect_uri=MARK&client_id=MARK&state=MARK',
    '/v2/logout?client_id=MARK&returnTo=MARK',
    '/interaction/MARK',
  ])('to %s shows markup as text', async (path) => {
    const mark = '</script>"\'><script>alert(1)</script>';
    const response = await fetch(new URL(path.replaceAll('MARK', encodeURIComponent(mark)), issuer), {
      redirect: 'manual',
    });
    expect(response.status).toBeLessThan(500);
    expect(await response.text()).not.toContain('<script>alert');
  });
});

describe('what no route answers', () => {
  it.each([
    ['PUT', '/oidc/logout'],
    ['POST', '/v2/logout'],
    ['PUT', '/authorize/abc'],
  ])('%s %s is not an error of ours', async (method, path) => {
    const response = await fetch(new URL(path, issuer), { method });
    expect([404, 405]).toContain(response.status);
  });
});

describe('logging out', () => {
  it.each(['image', 'iframe', 'empty'])('does not happen for a request from an %s', async (destination) => {
    const response = await fetch(new URL('/v2/logout', issuer), {
      redirect: 'manual',
      headers: { 'sec-fetch-dest': destination },
    });
    expect(response.status).toBe(400);
  });
});
