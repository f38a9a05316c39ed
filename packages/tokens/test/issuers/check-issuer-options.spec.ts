import { createTestIssuer } from '@portcullis/testing';
import { checkIssuerOptions, type IssuerOptions } from '@portcullis/tokens';
import { expect, it, onTestFinished } from 'vitest';

const GOOD: IssuerOptions = { issuer: 'https://tenant.example/', audience: 'https://api.example' };

it.each<[RegExp, Partial<IssuerOptions>]>([
  [/^"issuer" /, { issuer: 'http://tenant.example/' }],
  [/^"audience" /, { audience: '' }],
  [/^"jwksUri" /, { jwksUri: 'http://tenant.example/keys' }],
  [/^"introspection" /, { tokenFormat: 'opaque' }],
])('checkIssuerOptions says what a verifier would not take: %s', (message, options) => {
  expect(() => checkIssuerOptions({ ...GOOD, ...options })).toThrow(message);
});

it('checkIssuerOptions takes what a verifier would, and asks nobody', async () => {
  const issuer = await createTestIssuer({ algorithm: 'ES256' });
  onTestFinished(() => issuer.stop());
  const local = { issuer: issuer.issuer, audience: issuer.audience };
  expect(() => checkIssuerOptions(local)).not.toThrow();
  expect(() => checkIssuerOptions(local, true)).toThrow(/production/);
  expect(issuer.visits).toMatchObject({ discovery: 0, keys: 0 });
});
