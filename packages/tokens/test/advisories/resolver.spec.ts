import { createHmac } from 'node:crypto';
import { createTestIssuer, spoiled, type TestIssuer } from '@portcullis/testing';
import { createVerifier, type IssuerResolver, type Verifier } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { verify } from '../trust.ts';
import { untyped } from '../untyped.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

function resolving(resolver: IssuerResolver | { readonly answer: unknown }): Verifier {
  const issuers = typeof resolver === 'function' ? resolver : () => resolver.answer;
  const verifier = createVerifier({ issuer: '', audience: issuer.audience, ...untyped({ issuer: issuers }) });
  onTestFinished(() => verifier.close());
  return verifier;
}

async function attempts(): Promise<readonly string[]> {
  const good = await issuer.accessToken();
  const [head = '', body = ''] = spoiled.header(good, { alg: 'HS256' }).split('.');
  const mac = createHmac('sha256', '').update(`${head}.${body}`).digest('base64url');
  return [good, spoiled.unsigned(good), spoiled.none(good), `${head}.${body}.${mac}`];
}

describe('CVE-2026-44351, GHSA-gmvf-9v4p-v8jc, GHSA-8wpc-h4q6-8fxv', () => {
  it.each<[string, unknown]>([
    ['an empty text', ''],
    ['null', null],
    ['undefined', undefined],
    ['an empty buffer', Buffer.alloc(0)],
    ['0', 0],
    ['false', false],
    ['true', true],
    ['nothing of an issuer', {}],
    ['a list', []],
    ['an empty issuer', { issuer: '' }],
    ['another issuer', { issuer: 'https://other.example/' }],
  ])('a resolver that answers %s lets nobody in', async (_name, value) => {
    const trusting = resolving((named) => (named === issuer.issuer ? { issuer: named } : undefined));
    const verifier = resolving({ answer: value });
    const [good = '', ...forged] = await attempts();
    expect(await verify(trusting, good)).toMatchObject({ issuer: issuer.issuer });
    for (const token of [good, ...forged])
      await expect(verify(verifier, token)).rejects.toBeInstanceOf(Error);
    for (const token of forged) {
      await expect(verify(trusting, token)).rejects.toMatchObject({ error: 'invalid_token' });
    }
  });

  it('a resolver that throws is nobody’s credential: 503, and asked again', async () => {
    let down = true;
    const verifier = resolving(async (named) => {
      if (down) throw new Error('down');
      return { issuer: named };
    });
    const token = await issuer.accessToken();
    await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_ISSUER_UNAVAILABLE' });
    down = false;
    expect(await verify(verifier, token)).toMatchObject({ issuer: issuer.issuer });
  });
});

describe('CVE-2026-22748', () => {
  it('a resolver that says yes to everybody still gets each issuer’s own keys asked', async () => {
    const other = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => other.stop());
    const verifier = resolving((named) => ({ issuer: named }));
    expect(await verify(verifier, await issuer.accessToken())).toMatchObject({ issuer: issuer.issuer });
    expect(await verify(verifier, await other.accessToken())).toMatchObject({ issuer: other.issuer });
    const crossed = await issuer.accessToken({ iss: other.issuer }, { header: { kid: other.key.kid } });
    await expect(verify(verifier, crossed)).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
    const odd = [
      '',
      'x',
      'http://login.example/',
      'https://login.example/?a',
      'https://a:b@login.example/',
      'file:///etc',
    ];
    for (const iss of [undefined, null, 7, [issuer.issuer], ...odd]) {
      await expect(verify(verifier, await issuer.accessToken({ iss }))).rejects.toMatchObject({
        code: 'ERR_TOKEN_UNTRUSTED',
      });
    }
  });
});
