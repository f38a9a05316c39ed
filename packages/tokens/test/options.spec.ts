import { createDenyList, createVerifier, type VerifierOptions } from '@portcullis/tokens';
import { describe, expect, it, onTestFinished } from 'vitest';

const good: VerifierOptions = { issuer: 'https://login.example/', audience: 'https://api.example' };

/** What a caller without types could pass. */
function created(options: Record<string, unknown>): () => void {
  return () => createVerifier(Object.assign({}, good, options)).close();
}

describe('the options of a verifier', () => {
  it.each<[Record<string, unknown>]>([
    [{}],
    [{ issuer: ['https://a.example', 'https://b.example/tenant'] }],
    [{ issuer: 'http://127.0.0.1:4000/' }],
    [{ issuer: 'http://localhost:4000/' }],
    [{ issuer: 'http://[::1]:4000/' }],
    [{ algorithms: ['EdDSA'], clockTolerance: 60, requestTimeout: 1000, jwksUri: 'https://a.example/k' }],
  ])('may be %j', (options) => {
    expect(created(options)).not.toThrow();
  });

  it.each<[RegExp, Record<string, unknown>]>([
    [/"issuer"/, { issuer: undefined }],
    [/"issuer"/, { issuer: '' }],
    [/"issuer"/, { issuer: [] }],
    [/"issuer"/, { issuer: 'login.example' }],
    [/"issuer"/, { issuer: 'http://login.example/' }],
    [/"issuer"/, { issuer: 'http://127.0.0.1.evil.example/' }],
    [/"issuer"/, { issuer: 'https://user:pass@login.example/' }],
    [/"issuer"/, { issuer: 'https://login.example/?a' }],
    [/"issuer"/, { issuer: ['https://a.example', 'https://a.example'] }],
    [/production/, { issuer: 'http://127.0.0.1:4000/', production: true }],
    [/"audience"/, { audience: undefined }],
    [/"audience"/, { audience: [] }],
    [/"audience"/, { audience: ['https://api.example', ''] }],
    [/"jwksUri"/, { issuer: ['https://a.example', 'https://b.example'], jwksUri: 'https://a.example/k' }],
    [/"jwksUri"/, { jwksUri: 'http://a.example/k' }],
    [
      /"jwks" goes with one issuer/,
      { issuer: ['https://a.example', 'https://b.example'], jwks: { keys: [] } },
    ],
    [/"algorithms"/, { algorithms: [] }],
    [/"algorithms"/, { algorithms: ['HS256'] }],
    [/"algorithms"/, { algorithms: ['none'] }],
    [/"algorithms"/, { algorithms: ['RS256', 'none'] }],
    [/"algorithms"/, { algorithms: 'RS256' }],
    [/"clockTolerance"/, { clockTolerance: 61 }],
    [/"clockTolerance"/, { clockTolerance: -1 }],
    [/"clockTolerance"/, { clockTolerance: Number.NaN }],
    [/"requestTimeout"/, { requestTimeout: 0 }],
  ])('are refused with %s for %j', (message, options) => {
    expect(created(options)).toThrow(TypeError);
    expect(created(options)).toThrow(message);
  });

  it('cannot leave the issuer or the audience out', () => {
    // @ts-expect-error an issuer is required: without one, any signer would do
    expect(() => createVerifier({ audience: 'https://api.example' })).toThrow(TypeError);
    // @ts-expect-error an audience is required: without one, a token for any API would do
    expect(() => createVerifier({ issuer: 'https://login.example/' })).toThrow(TypeError);
  });

  it.each<[string, object]>([
    ['nothing', {}],
    ['a source that cannot be read', { source: {} }],
    ['a source that is none', { source: null }],
  ])('of a deny-list cannot be %s', (_case, options) => {
    expect(() => Reflect.apply(createDenyList, undefined, [options])).toThrow(/"denyList.source"/);
  });

  it('take what createDenyList makes for a deny-list, and not its source', () => {
    const source = { read: () => new Promise<never>(() => undefined) };
    expect(created({ denyList: source })).toThrow(/createDenyList/);
    const denyList = createDenyList({ source });
    onTestFinished(() => denyList.close());
    expect(created({ denyList })).not.toThrow();
  });
});
