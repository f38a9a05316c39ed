import { createTestKey, signRaw } from '@portcullis/testing';
import type { Algorithm } from '@portcullis/tokens';
import { describe, expect, it } from 'vitest';
import { verifySignature, type Signed } from '../src/signature.ts';

async function signed(
  algorithm: Algorithm,
): Promise<{ signed: Signed; key: Awaited<ReturnType<typeof createTestKey>> }> {
  const key = await createTestKey(algorithm);
  const jws = signRaw('{}', '{}', key);
  const end = jws.lastIndexOf('.');
  return {
    key,
    signed: {
      input: Buffer.from(jws.slice(0, end)),
      signature: Buffer.from(jws.slice(end + 1), 'base64url'),
    },
  };
}

const good = (verdict: boolean): boolean => verdict;

describe('a signature check', () => {
  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'] as const)(
    'by %s is concluded once, alone and among 200 of one turn',
    async (algorithm) => {
      const { key, signed: jws } = await signed(algorithm);
      let concluded = 0;
      const counted = (verdict: boolean): boolean => {
        concluded++;
        return verdict;
      };
      expect(await verifySignature(algorithm, key.publicKey, jws, counted)).toBe(true);
      const spoilt = { ...jws, input: Buffer.concat([jws.input, Buffer.from('x')]) };
      const verdicts = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          verifySignature(algorithm, key.publicKey, index % 2 === 0 ? jws : spoilt, counted),
        ),
      );
      expect(verdicts).toEqual(Array.from({ length: 200 }, (_, index) => index % 2 === 0));
      expect(concluded).toBe(201);
    },
  );

  it('that what follows from it refuses, fails as that does', async () => {
    const { key, signed: jws } = await signed('ES256');
    const refusal = new Error('refused');
    const refuse = (): never => {
      throw refusal;
    };
    await expect(verifySignature('ES256', key.publicKey, jws, refuse)).rejects.toBe(refusal);
  });

  it('that cannot be made is refused or fails, and the process and its neighbours go on', async () => {
    const { key, signed: jws } = await signed('RS256');
    const { key: other } = await signed('EdDSA');
    const outcomes = await Promise.allSettled([
      verifySignature('RS256', other.publicKey, jws, good), // a digest, and a key that takes none
      verifySignature('RS256', key.publicKey, jws, good),
      verifySignature('RS256', key.publicKey, jws, good),
    ]);
    const verdicts = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 'failed'));
    expect(verdicts[0]).not.toBe(true);
    expect(verdicts.slice(1)).toEqual([true, true]);
    const alone = await verifySignature('RS256', other.publicKey, jws, good).catch(() => 'failed');
    expect(alone).not.toBe(true);
  });
});
