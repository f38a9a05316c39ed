import type { IncomingMessage } from 'node:http';
import { inspect } from 'node:util';
import { text } from 'node:stream/consumers';
import type { VerificationError } from '@portcullis/tokens';
import { describe, expect, it } from 'vitest';
import { verify } from '../trust.ts';
import { asking } from './asking.ts';

describe('the token that is asked about', () => {
  it('goes in the body of a form, and in no URL and no header', async () => {
    const { issuer, verifier } = await asking();
    const seen: { readonly request: IncomingMessage; readonly form: URLSearchParams }[] = [];
    issuer.answerIntrospectionWith((request, response) => {
      void text(request).then((body) => {
        seen.push({ request, form: new URLSearchParams(body) });
        const claims = { sub: 'user|1', aud: issuer.audience, exp: Date.now() / 1000 + 60 };
        response.end(JSON.stringify({ active: true, ...claims }));
      });
    });
    const token = 'secret+token/with=odd&characters';
    expect(await verify(verifier, token)).toMatchObject({ subject: 'user|1' });
    const [only] = seen;
    if (only === undefined) throw new Error('nobody was asked');
    expect(only.form.getAll('token')).toEqual([token]);
    expect(only.form.get('token_type_hint')).toBe('access_token');
    expect(only.request.method).toBe('POST');
    expect(only.request.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
    expect(only.request.headers.accept).toBe('application/json');
    expect(only.request.url).toBe(new URL(issuer.introspectionEndpoint).pathname);
    expect(JSON.stringify(only.request.rawHeaders)).not.toMatch(/secret\+token|secret%2Btoken/);
  });

  it('is in no error, whatever goes wrong, and in nothing an observer is told', async () => {
    const refused: VerificationError[] = [];
    const introspected: unknown[][] = [];
    const { issuer, verifier } = await asking(
      {},
      {
        observer: {
          refused: (error) => void refused.push(error),
          introspected: (...given) => void introspected.push(given),
        },
      },
    );
    const inactive = 'a-token-that-is-secret';
    const failing = issuer.opaqueToken({ aud: 'https://other.example' });
    await expect(verify(verifier, inactive)).rejects.toBeDefined();
    await expect(verify(verifier, failing)).rejects.toBeDefined();
    issuer.answerIntrospectionWith({ status: 500 });
    await expect(verify(verifier, inactive)).rejects.toBeDefined();
    issuer.answerIntrospectionWith({ body: `{"active": ${inactive}` });
    await expect(verify(verifier, inactive)).rejects.toBeDefined();

    expect(refused.map(({ code }) => code)).toEqual([
      'ERR_TOKEN_INACTIVE',
      'ERR_AUDIENCE_MISMATCH',
      'ERR_ISSUER_UNAVAILABLE',
      'ERR_ISSUER_UNAVAILABLE',
    ]);
    expect(introspected).toEqual([
      [issuer.issuer, false, expect.any(Number)],
      [issuer.issuer, true, expect.any(Number)],
    ]);
    const told = inspect([refused, introspected], { depth: 10, showHidden: true });
    expect(told).not.toContain(inactive);
    expect(told).not.toContain(failing);
    expect(told).not.toContain(issuer.introspectionClient.clientSecret);
  });

  it('is too long for anybody to be asked about beyond 16 KiB', async () => {
    const { issuer, verifier } = await asking();
    await expect(verify(verifier, 'x'.repeat(16 * 1024 + 1))).rejects.toMatchObject({
      code: 'ERR_TOKEN_MALFORMED',
    });
    expect(issuer.visits.introspection).toBe(0);
    await expect(verify(verifier, 'x'.repeat(16 * 1024))).rejects.toMatchObject({
      code: 'ERR_TOKEN_INACTIVE',
    });
    expect(issuer.visits.introspection).toBe(1);
  });
});
