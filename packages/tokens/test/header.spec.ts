import { createServer } from 'node:http';
import { createTestIssuer, createTestKey, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCompactJws } from '../src/compact-jws.ts';
import { trust, verify } from './trust.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer()));
afterAll(() => issuer.stop());

describe('the header of a token', () => {
  it.each([undefined, 'JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt'])(
    'may have typ %j',
    async (typ) => {
      expect(await verify(trust(issuer), await issuer.accessToken({}, { header: { typ } }))).toBeDefined();
    },
  );

  it.each<[string, unknown]>([
    ['typ', 'id+jwt'],
    ['typ', 'application/jwt'],
    ['typ', 'application/application/at+jwt'],
    ['typ', 'logout+jwtapplication/'],
    ['typ', 'logout+jwt '],
    ['typ', ''],
    ['typ', null],
    ['typ', ['at+jwt']],
    ['crit', ['exp']],
    ['crit', ['b64']],
    ['crit', []],
    ['crit', 'exp'],
    ['crit', null],
    ['b64', false],
    ['b64', true],
    ['zip', 'DEF'],
    ['enc', 'A128GCM'],
    ['kid', 7],
    ['kid', null],
    ['kid', ['a']],
    ['kid', 'k'.repeat(4096)],
  ])('is refused with %s %j', async (parameter, value) => {
    const token = await issuer.accessToken({}, { header: { [parameter]: value } });
    await expect(verify(trust(issuer), token)).rejects.toMatchObject({
      code: 'ERR_HEADER_REFUSED',
      parameter,
    });
  });

  it.each([
    ['logout+jwt', 'logout token'],
    ['application/logout+jwt', 'logout token'],
    ['dpop+jwt', 'DPoP proof'],
    ['DPoP+JWT', 'DPoP proof'],
    ['secevent+jwt', 'security event token'],
    ['token-introspection+jwt', 'introspection response'],
    ['oauth-authz-req+jwt', 'authorization request'],
    ['client-authentication+jwt', 'client assertion'],
    ['rt+jwt', 'refresh token'],
    ['vc+jwt', 'verifiable credential'],
    ['vc+sd-jwt', 'verifiable credential'],
    ['dc+sd-jwt', 'verifiable credential'],
  ])('with typ %s is refused as a %s', async (typ, sent) => {
    const token = await issuer.accessToken({}, { header: { typ } });
    await expect(verify(trust(issuer), token)).rejects.toMatchObject({
      code: 'ERR_TOKEN_KIND_REFUSED',
      sent,
    });
  });

  it.each([
    '../../etc/passwd',
    "' OR 1=1 --",
    '__proto__',
    'constructor',
    'a\r\nb: c',
    'https://evil.example/k',
    '',
  ])('uses kid %j to look a key up and for nothing else', async (kid) => {
    const token = await issuer.accessToken({}, { header: { kid } });
    await expect(verify(trust(issuer), token)).rejects.toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
  });

  it('is read once for all tokens that have the same', async () => {
    const { encodedHeader: encoded, header } = readCompactJws(await issuer.accessToken());
    const next = readCompactJws(await issuer.accessToken(), { encoded, header });
    const other = readCompactJws(await issuer.accessToken({}, { header: { typ: 'JWT' } }), {
      encoded,
      header,
    });
    expect(next.header).toBe(header);
    expect(other.header).toEqual({ ...header, typ: 'JWT' });
  });

  it('is looked at before the issuer is: one with a wrong alg does not hide behind a stranger', async () => {
    const iss = 'https://stranger.example/';
    for (const alg of ['none', 'HS256', 'rs256']) {
      const token = await issuer.accessToken({ iss }, { header: { alg } });
      await expect(verify(trust(issuer), token)).rejects.toMatchObject({ parameter: 'alg' });
    }
    await expect(verify(trust(issuer), await issuer.accessToken({ iss }))).rejects.toMatchObject({
      code: 'ERR_TOKEN_UNTRUSTED',
    });
  });

  it('names alg when it is not one of the issuer’s', async () => {
    const token = await issuer.accessToken();
    await expect(verify(trust(issuer, { algorithms: ['ES256'] }), token)).rejects.toMatchObject({
      code: 'ERR_HEADER_REFUSED',
      parameter: 'alg',
    });
    expect(await verify(trust(issuer, { algorithms: ['RS256'] }), token)).toBeDefined();
  });

  it('is looked at before any key is: an unreachable issuer does not hide a wrong one', async () => {
    const down = await createTestIssuer();
    await down.stop();
    const token = await down.accessToken({}, { header: { crit: ['x'] } });
    await expect(verify(trust(down), token)).rejects.toMatchObject({ code: 'ERR_HEADER_REFUSED' });
  });

  it('never brings its own key, and no address in it is visited', async () => {
    let visits = 0;
    const canary = createServer((_request, response) => {
      visits++;
      response.end('{}');
    });
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
    const address = canary.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/keys`;
    const stranger = await createTestKey();
    const verifier = trust(issuer);

    const chosen = { jwk: stranger.publicJwk, jku: url, x5u: url, x5c: ['AAAA'] };
    for (const [parameter, value] of Object.entries(chosen)) {
      const token = await issuer.accessToken({}, { header: { [parameter]: value }, key: stranger });
      await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_HEADER_REFUSED', parameter });
    }
    const named = await issuer.accessToken({}, { header: { x5t: url, 'x5t#S256': url } });
    expect(await verify(verifier, named)).toBeDefined();
    expect(visits).toBe(0);
    canary.close();
  });
});
