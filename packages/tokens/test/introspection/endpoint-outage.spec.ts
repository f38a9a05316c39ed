import { createTestIssuer, faults, type Responder } from '@portcullis/testing';
import { IssuerUnavailable } from '@portcullis/tokens';
import { describe, expect, it, onTestFinished } from 'vitest';
import { verify } from '../trust.ts';
import { asking, askedBySecret, issuing } from './asking.ts';

const answers: [string, Responder][] = [
  ['a 500', faults.status(500)],
  ['a 404', faults.status(404)],
  ['a 204', { status: 204, body: '' }],
  ['a 201 that says active', faults.status(201)],
  ['HTML', faults.garbage],
  ['truncated JSON', faults.truncated],
  ['no body', faults.empty],
  ['a list', { status: 200, body: [{ active: true }] }],
  ['null', { status: 200, body: 'null' }],
  ['{}', { status: 200, body: {} }],
  ['active as text', { status: 200, body: { active: 'true' } }],
  ['active as a number', { status: 200, body: { active: 1 } }],
  ['active twice', { status: 200, body: '{"active":false,"active":true}' }],
  ['an endless body', faults.endless],
  ['one byte at a time', faults.drip],
  ['silence', faults.silent],
  ['a cut connection', faults.cut],
];

describe.each(answers)('an introspection endpoint that answers with %s', (_fault, responder) => {
  it('is nobody’s credential: 503, soon, and asked again the next time', async () => {
    const { issuer, verifier } = await asking({}, { requestTimeout: 300 });
    const token = issuer.opaqueToken();
    issuer.answerIntrospectionWith(responder);
    const started = performance.now();
    const refusal = await verify(verifier, token).catch((error: unknown) => error);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(refusal).toBeInstanceOf(IssuerUnavailable);
    expect(refusal).toMatchObject({ code: 'ERR_ISSUER_UNAVAILABLE', retryAfter: 2 });
    expect(String(refusal)).not.toContain(token);
    issuer.answerIntrospectionWith(undefined);
    expect(await verify(verifier, token)).toMatchObject({ subject: 'user|1' });
  });
});

describe('an introspection endpoint', () => {
  it('may be slow, within the time that is allowed', async () => {
    const { issuer, verifier } = await asking({}, { requestTimeout: 1000 });
    issuer.answerIntrospectionWith(faults.slow(200));
    expect(await verify(verifier, issuer.opaqueToken())).toMatchObject({ subject: 'user|1' });
  });

  it('that sends this API elsewhere is not followed: the token stays with the issuer', async () => {
    const elsewhere = await createTestIssuer();
    onTestFinished(() => elsewhere.stop());
    const { issuer, verifier } = await asking();
    const token = issuer.opaqueToken();
    for (const status of [301, 302, 303, 307, 308]) {
      issuer.answerIntrospectionWith({ ...faults.redirect(elsewhere.introspectionEndpoint), status });
      await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_ISSUER_UNAVAILABLE' });
    }
    expect(elsewhere.visits.introspection).toBe(0);
    issuer.answerIntrospectionWith(undefined);
    expect(await verify(verifier, token)).toMatchObject({ subject: 'user|1' });
  });

  it.each([
    ['17', 17],
    ['60', 60],
    ['61', 60],
    ['999999', 60],
    ['0', 1],
    ['-5', 2],
    ['soon', 2],
    ['Fri, 31 Dec 2099 23:59:59 GMT', 2],
  ])('that asks for patience with Retry-After %j has it for %d seconds', async (value, retryAfter) => {
    const { issuer, verifier } = await asking();
    issuer.answerIntrospectionWith({ status: 429, headers: { 'retry-after': value } });
    const refusal = await verify(verifier, issuer.opaqueToken()).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'ERR_ISSUER_UNAVAILABLE', retryAfter });
    expect(refusal).toMatchObject({ hint: undefined });
  });

  it('that is gone is 503, and tokens that are remembered go on', async () => {
    const { issuer, verifier } = await asking();
    const [seen, unseen] = [issuer.opaqueToken(), issuer.opaqueToken()];
    expect(await verify(verifier, seen)).toBeDefined();
    await issuer.pause();
    expect(await verify(verifier, seen)).toBeDefined();
    await expect(verify(verifier, unseen)).rejects.toMatchObject({ code: 'ERR_ISSUER_UNAVAILABLE' });
    await issuer.resume();
    expect(await verify(verifier, unseen)).toBeDefined();
  });

  it('is where the metadata say, and is looked up once', async () => {
    const { issuer, verifier } = await asking();
    for (let time = 0; time < 3; time++) expect(await verify(verifier, issuer.opaqueToken())).toBeDefined();
    expect(issuer.visits).toEqual({ discovery: 1, keys: 0, introspection: 3 });
  });

  it('is where the options say, and the metadata are not asked for', async () => {
    const other = await issuing();
    const { issuer, verifier } = await asking({
      ...askedBySecret(other),
      endpoint: other.introspectionEndpoint,
    });
    const token = other.opaqueToken({ iss: undefined });
    expect(await verify(verifier, token)).toMatchObject({ issuer: issuer.issuer });
    expect(issuer.visits).toEqual({ discovery: 0, keys: 0, introspection: 0 });
  });

  it('whose metadata cannot be had, name another issuer or no endpoint is 503', async () => {
    const { issuer, verifier } = await asking();
    const token = issuer.opaqueToken();
    const wrong: Responder[] = [
      faults.status(500),
      { body: { issuer: 'https://evil.example/', introspection_endpoint: issuer.introspectionEndpoint } },
      { body: { issuer: issuer.issuer } },
      { body: { issuer: issuer.issuer, introspection_endpoint: 'http://login.example/introspect' } },
    ];
    for (const responder of wrong) {
      issuer.answerDiscoveryWith(responder);
      await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_ISSUER_UNAVAILABLE' });
    }
    expect(issuer.visits.introspection).toBe(0);
    issuer.answerDiscoveryWith(undefined);
    expect(await verify(verifier, token)).toBeDefined();
  });

  it('is given up at once when the verifier is closed', async () => {
    const { issuer, verifier } = await asking();
    expect(await verify(verifier, issuer.opaqueToken())).toBeDefined();
    issuer.answerIntrospectionWith(faults.silent);
    const waiting = verify(verifier, issuer.opaqueToken()).catch((error: unknown) => error);
    await expect.poll(() => issuer.visits.introspection, { interval: 5 }).toBe(2);
    const started = performance.now();
    verifier.close();
    expect(await waiting).toBeInstanceOf(IssuerUnavailable);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('that has moved is found again after its old place says that it is gone', async () => {
    const { issuer, verifier } = await asking();
    issuer.answerDiscoveryWith({
      body: { issuer: issuer.issuer, introspection_endpoint: new URL('/old', issuer.issuer).href },
    });
    const token = issuer.opaqueToken();
    await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_ISSUER_UNAVAILABLE' });
    issuer.answerDiscoveryWith(undefined);
    expect(await verify(verifier, token)).toMatchObject({ subject: 'user|1' });
  });
});
