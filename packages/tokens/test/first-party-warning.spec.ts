import { createVerifier, type VerifierOptions } from '@portcullis/tokens';
import { describe, expect, it, onTestFinished } from 'vitest';

const issuer = 'https://a.example/';
const audience = 'https://api.example';
const firstPartyIdTokens = 'web';

/** What a verifier so built warns of, once the process has had time to. */
async function warningsOf(options: VerifierOptions): Promise<readonly Error[]> {
  const warnings: Error[] = [];
  const heard = (warning: Error): void => {
    if ('code' in warning && warning.code === 'PORTCULLIS_FIRST_PARTY_ID_TOKENS') warnings.push(warning);
  };
  process.on('warning', heard);
  onTestFinished(() => void process.off('warning', heard));
  createVerifier(options).close();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', heard);
  return warnings;
}

describe('a verifier that takes ID tokens', () => {
  it('warns at its start, in a sentence that names the option', async () => {
    const [warning, ...more] = await warningsOf({ issuer, audience, firstPartyIdTokens });
    expect(warning?.message).toContain('"firstPartyIdTokens"');
    expect(more).toEqual([]);
  });

  it('warns once, however many issuers it has, and another verifier does again', async () => {
    const issuers = [issuer, { issuer: 'https://b.example/', firstPartyIdTokens: 'desk' }];
    for (let time = 0; time < 2; time++) {
      expect(await warningsOf({ issuer: issuers, audience, firstPartyIdTokens })).toHaveLength(1);
    }
  });

  it('warns when one issuer alone has the option, and when a function answers for issuers', async () => {
    const one = [issuer, { issuer: 'https://b.example/', firstPartyIdTokens }];
    expect(await warningsOf({ issuer: one, audience })).toHaveLength(1);
    const resolver = () => undefined;
    expect(await warningsOf({ issuer: resolver, audience, firstPartyIdTokens })).toHaveLength(1);
    expect(await warningsOf({ issuer: resolver, audience })).toEqual([]);
  });
});

describe('a verifier that takes none', () => {
  it('does not warn', async () => {
    expect(await warningsOf({ issuer, audience })).toEqual([]);
    expect(await warningsOf({ issuer: [issuer, 'https://b.example/'], audience })).toEqual([]);
  });
});
