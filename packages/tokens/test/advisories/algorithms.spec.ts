import { createHmac, createPublicKey } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { createTestIssuer, createTestKey, signRaw, spoiled, type TestIssuer } from '@portcullis/testing';
import { createVerifier } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { trust, verify } from '../trust.ts';
import { untyped } from '../untyped.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer()));
afterAll(() => issuer.stop());

const HEADER_REFUSED = { code: 'ERR_HEADER_REFUSED', error: 'invalid_token', parameter: 'alg' };

/** Every form in which somebody may come by a public key. */
function publicForms(): Readonly<Record<string, string | Buffer>> {
  const { publicKey, publicJwk } = issuer.key;
  const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
  const pkcs1 = String(publicKey.export({ type: 'pkcs1', format: 'pem' }));
  return {
    PEM: pem,
    'PEM, trimmed': pem.trim(),
    'PEM with CRLF': pem.replaceAll('\n', '\r\n'),
    'PEM after a blank': ` ${pem}`,
    'PEM after junk': `junk\n${pem}`,
    'PEM on one line': pem.replaceAll('\n', ''),
    'PEM of PKCS#1': pkcs1,
    DER: publicKey.export({ type: 'spki', format: 'der' }),
    'DER of PKCS#1': publicKey.export({ type: 'pkcs1', format: 'der' }),
    JWK: JSON.stringify(publicJwk),
    'JWK, indented': JSON.stringify(publicJwk, undefined, 2),
    'JWK with the members that Node writes': JSON.stringify(publicKey.export({ format: 'jwk' })),
    'key set': JSON.stringify({ keys: [publicJwk] }),
    modulus: String(publicJwk.n),
    'modulus in bytes': Buffer.from(String(publicJwk.n), 'base64url'),
    'key id': issuer.key.kid,
    nothing: '',
  };
}

async function macToken(alg: string, secret: string | Buffer): Promise<string> {
  const [head = '', body = ''] = spoiled.header(await issuer.accessToken(), { alg }).split('.');
  const digest = `sha${alg.slice(2)}`;
  return `${head}.${body}.${createHmac(digest, secret).update(`${head}.${body}`).digest('base64url')}`;
}

const created = (options: Readonly<Record<string, unknown>>) => (): void =>
  createVerifier({ issuer: issuer.issuer, audience: issuer.audience, ...untyped(options) }).close();

describe('CVE-2015-9235, CVE-2022-23541, CVE-2022-29217, CVE-2023-48223', () => {
  it.each(['HS256', 'HS384', 'HS512'])(
    'a token by %s, with the public key for a secret, does not pass for one by RS256',
    async (alg) => {
      const verifier = trust(issuer);
      expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
      for (const secret of Object.values(publicForms())) {
        await expect(verify(verifier, await macToken(alg, secret))).rejects.toMatchObject(HEADER_REFUSED);
      }
    },
  );
});

describe('CVE-2026-34950, GHSA-mvf2-f6gm-w987, GHSA-ww5h-9m49-7xx4, GHSA-g3jj-5cmm-3hxx', () => {
  it('a public key in disguise cannot become a secret, for there is no secret to configure', async () => {
    expect(created({ algorithms: ['RS256'] })).not.toThrow();
    for (const algorithms of [['HS256'], ['RS256', 'HS256'], ['HS512'], ['hs256']]) {
      expect(created({ algorithms })).toThrow(TypeError);
    }
    for (const secret of Object.values(publicForms())) {
      const options = { secret, key: secret, publicKey: secret, secretOrPublicKey: secret };
      const verifier = trust(issuer, untyped(options));
      expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
      await expect(verify(verifier, await macToken('HS256', secret))).rejects.toMatchObject(HEADER_REFUSED);
    }
  });
});

describe('CVE-2022-23540', () => {
  it.each(['none', 'None', 'nOnE', 'NONE', 'none ', ' none', 'none\0', 'ｎｏｎｅ', ''])(
    'alg %j is not an algorithm, with a signature or without',
    async (alg) => {
      const verifier = trust(issuer);
      const token = await issuer.accessToken();
      expect(await verify(verifier, token)).toBeDefined();
      const renamed = spoiled.header(token, { alg });
      await expect(verify(verifier, renamed)).rejects.toMatchObject(HEADER_REFUSED);
      await expect(verify(verifier, spoiled.unsigned(renamed))).rejects.toMatchObject({
        error: 'invalid_token',
      });
      await expect(verify(verifier, spoiled.unsigned(token))).rejects.toMatchObject({
        code: 'ERR_TOKEN_MALFORMED',
      });
      await expect(verify(verifier, await issuer.accessToken({}, { header: { alg } }))).rejects.toMatchObject(
        HEADER_REFUSED,
      );
    },
  );

  it('none can be configured by nobody', () => {
    expect(created({ algorithms: ['ES256'] })).not.toThrow();
    for (const algorithms of [['none'], ['None'], ['RS256', 'none'], [''], [null], [undefined]]) {
      expect(created({ algorithms })).toThrow(TypeError);
    }
  });
});

describe('CVE-2022-23539', () => {
  it('a key of the wrong type or curve, a weak one and one for encryption check no signature', async () => {
    const own = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => own.stop());
    const weak = await createTestKey('RS256', { modulusLength: 2040 });
    const least = await createTestKey('RS256', { modulusLength: 2048 });
    const encrypts = await createTestKey('RS256');
    const p384 = await createTestKey('ES384');
    own.publishKeys([
      own.key.publicJwk,
      weak.publicJwk,
      least.publicJwk,
      { ...encrypts.publicJwk, use: 'enc' },
      { ...p384.publicJwk, alg: 'ES256' },
    ]);
    const verifier = trust(own);
    expect(await verify(verifier, await own.accessToken())).toBeDefined();
    expect(await verify(verifier, await own.accessToken({}, { key: least }))).toBeDefined();
    for (const [key, alg] of [
      [weak, 'RS256'],
      [encrypts, 'RS256'],
      [p384, 'ES256'],
      [p384, 'ES384'],
      [least, 'ES256'],
      [least, 'PS256'],
    ] as const) {
      await expect(
        verify(verifier, await own.accessToken({}, { key, header: { alg } })),
      ).rejects.toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
    }
  });
});

describe('CVE-2026-44351, GHSA-gmvf-9v4p-v8jc, GHSA-8wpc-h4q6-8fxv', () => {
  it.each<[string, unknown]>([
    ['an empty text', ''],
    ['null', null],
    ['nothing of a key', {}],
    ['an empty secret', { kty: 'oct', k: '' }],
    ['a modulus of zero bytes', { kty: 'RSA', n: '', e: 'AQAB' }],
    ['a modulus of 0', { kty: 'RSA', n: 'AA', e: 'AQAB' }],
    ['an exponent of 1', { exponent: 'AQ' }],
    ['an exponent of 0', { exponent: 'AA' }],
    ['an even exponent', { exponent: 'Ag' }],
    ['no exponent', { exponent: '' }],
  ])('%s instead of a key verifies nothing', async (_name, jwk) => {
    const own = await createTestIssuer();
    onTestFinished(() => own.stop());
    const kid = 'empty';
    const empty =
      typeof jwk === 'object' && jwk !== null
        ? 'exponent' in jwk
          ? { ...own.key.publicJwk, kid, e: jwk.exponent }
          : { ...jwk, kid }
        : jwk;
    own.publishKeys([empty, own.key.publicJwk]);
    const verifier = trust(own);
    expect(await verify(verifier, await own.accessToken())).toBeDefined();
    for (const alg of ['RS256', 'HS256', 'none']) {
      const token = await own.accessToken({}, { header: { kid, alg } });
      const [head = '', body = ''] = token.split('.');
      const mac = createHmac('sha256', '').update(`${head}.${body}`).digest('base64url');
      for (const forged of [token, `${head}.${body}.`, `${head}.${body}.${mac}`, `${head}.${body}.AA`]) {
        await expect(verify(verifier, forged)).rejects.toMatchObject({ error: 'invalid_token' });
      }
    }
  });

  it('an issuer whose set holds nothing but such keys is out of reach, and lets nobody in', async () => {
    const own = await createTestIssuer();
    onTestFinished(() => own.stop());
    own.publishKeys(['', null, {}, { kty: 'oct', k: '' }]);
    const verifier = trust(own);
    await expect(verify(verifier, await own.accessToken())).rejects.toMatchObject({
      code: 'ERR_ISSUER_UNAVAILABLE',
    });
  });
});

describe('CVE-2020-15084', () => {
  it('without algorithms the list is a safe one; an empty list is no list', async () => {
    const verifier = trust(issuer);
    expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
    await expect(verify(verifier, await macToken('HS256', 'secret'))).rejects.toMatchObject(HEADER_REFUSED);
    for (const algorithms of [[], '', 'RS256', {}, [[]]]) {
      expect(created({ algorithms })).toThrow(TypeError);
    }
  });
});

describe('CVE-2026-22817, CVE-2026-22818', () => {
  it('a key published without alg serves the configured algorithms of its type, not what a header says', async () => {
    const own = await createTestIssuer();
    onTestFinished(() => own.stop());
    const { alg: _alg, ...open } = own.key.publicJwk;
    own.publishKeys([open]);
    const verifier = trust(own, { algorithms: ['PS256', 'ES256'] });
    const pss = { ...own.key, algorithm: 'PS256' } as const;
    expect(await verify(verifier, await own.accessToken({}, { key: pss }))).toBeDefined();
    for (const alg of ['RS256', 'PS384', 'HS256', 'none', 'EdDSA']) {
      await expect(verify(verifier, await own.accessToken({}, { header: { alg } }))).rejects.toMatchObject(
        HEADER_REFUSED,
      );
    }
    await expect(
      verify(verifier, await own.accessToken({}, { header: { alg: 'ES256' } })),
    ).rejects.toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
  });
});

describe('GHSA-869p-cjfg-cm3x', () => {
  it('nothing in an unverified payload or header chooses what the signature is checked with', async () => {
    const stranger = await createTestKey();
    const verifier = trust(issuer);
    const secret = String(stranger.publicKey.export({ type: 'spki', format: 'pem' }));
    const chosen = {
      jwk: stranger.publicJwk,
      key: secret,
      secret,
      cnf: { jwk: stranger.publicJwk },
      jwks: { keys: [stranger.publicJwk] },
      kid: stranger.kid,
    };
    expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
    for (const kid of [issuer.key.kid, stranger.kid]) {
      const token = await issuer.accessToken(chosen, { key: stranger, header: { kid } });
      await expect(verify(verifier, token)).rejects.toMatchObject({ error: 'invalid_token' });
    }
  });
});

describe('CVE-2018-0114, CVE-2026-27962', () => {
  it('a key that a token brings or points at is not used, and no address in it is visited', async () => {
    let visits = 0;
    const canary = createServer((_request, response) => {
      visits++;
      response.end(JSON.stringify({ keys: [stranger.publicJwk] }));
    });
    onTestFinished(() => void canary.close());
    await once(canary.listen(0, '127.0.0.1'), 'listening');
    const address = canary.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/keys`;
    const stranger = await createTestKey('RS256', { kid: issuer.key.kid });
    const verifier = trust(issuer);
    expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
    const der = createPublicKey(stranger.publicKey.export({ type: 'spki', format: 'pem' })).export({
      type: 'spki',
      format: 'der',
    });
    for (const brought of [
      { jwk: stranger.publicJwk },
      { jku: url },
      { x5u: url },
      { x5c: [der.toString('base64')] },
      { jwk: stranger.publicJwk, jku: url, x5u: url, kid: undefined },
    ]) {
      const token = await issuer.accessToken({}, { key: stranger, header: brought });
      await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_HEADER_REFUSED' });
    }
    const pointed = await issuer.accessToken({}, { key: stranger, header: { kid: url } });
    await expect(verify(verifier, pointed)).rejects.toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
    expect(visits).toBe(0);
  });
});

describe('CVE-2025-59420, CVE-2026-35042, GHSA-hm7r-c7qw-ghp6', () => {
  it.each<[string]>([
    ['["x"]'],
    ['[]'],
    ['["exp","exp"]'],
    ['["b64"]'],
    ['["alg"]'],
    ['[""]'],
    ['"exp"'],
    ['{}'],
    ['null'],
    ['0'],
    ['false'],
  ])('crit %s is not passed over', async (crit) => {
    const verifier = trust(issuer);
    const { kid } = issuer.key;
    const now = Math.floor(Date.now() / 1000);
    const claims = JSON.stringify({
      iss: issuer.issuer,
      aud: issuer.audience,
      sub: 'a',
      exp: now + 60,
      iat: now,
      jti: '1',
      client_id: 'c',
    });
    const head = `"alg":"RS256","typ":"at+jwt","kid":"${kid}"`;
    expect(await verify(verifier, signRaw(`{${head}}`, claims, issuer.key))).toBeDefined();
    const critical = signRaw(`{${head},"x":1,"exp":1,"crit":${crit}}`, claims, issuer.key);
    await expect(verify(verifier, critical)).rejects.toMatchObject({
      code: 'ERR_HEADER_REFUSED',
      parameter: 'crit',
    });
    const twice = signRaw(`{${head},"crit":${crit},"crit":${crit}}`, claims, issuer.key);
    await expect(verify(verifier, twice)).rejects.toMatchObject({ code: 'ERR_TOKEN_MALFORMED' });
  });
});

describe('CVE-2022-21449', () => {
  it('an ECDSA signature of zeros is none, in any length', async () => {
    const own = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => own.stop());
    const verifier = trust(own);
    const token = await own.accessToken();
    expect(await verify(verifier, token)).toBeDefined();
    const input = token.slice(0, token.lastIndexOf('.'));
    const der = Buffer.from('3006020100020100', 'hex');
    for (const zeros of [
      Buffer.alloc(64),
      Buffer.alloc(63),
      Buffer.alloc(65),
      Buffer.alloc(96),
      Buffer.alloc(1),
      der,
    ]) {
      await expect(verify(verifier, `${input}.${zeros.toString('base64url')}`)).rejects.toMatchObject({
        code: 'ERR_SIGNATURE_INVALID',
      });
    }
  });
});
