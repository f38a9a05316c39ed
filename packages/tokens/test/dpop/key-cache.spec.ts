import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KeyCache } from '../../src/dpop/key-cache.ts';
import { thumbprintOf, type ProofKey } from '../../src/dpop/proof-key.ts';

function newKey(): ProofKey {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  return { kty: 'OKP', crv: 'Ed25519', x };
}

describe('the keys of proofs', () => {
  it('stay bounded with ten thousand of them', () => {
    const cache = new KeyCache();
    let largest = 0;
    for (let count = 0; count < 10_000; count++) {
      const key = newKey();
      expect(cache.get(thumbprintOf(key), key)?.asymmetricKeyType).toBe('ed25519');
      largest = Math.max(largest, cache.size);
    }
    expect(largest).toBe(2000);
  });

  it('are imported once while they are in use', () => {
    const cache = new KeyCache(10);
    const regular = newKey();
    const first = cache.get(thumbprintOf(regular), regular);
    expect(first).toBeDefined();
    for (let count = 0; count < 100; count++) {
      const passing = newKey();
      cache.get(thumbprintOf(passing), passing);
      expect(cache.get(thumbprintOf(regular), regular)).toBe(first);
      expect(cache.size).toBeLessThanOrEqual(20);
    }
  });

  it('are forgotten when nobody uses them', () => {
    const cache = new KeyCache(10);
    const passing = newKey();
    const first = cache.get(thumbprintOf(passing), passing);
    for (let count = 0; count < 20; count++) {
      const other = newKey();
      cache.get(thumbprintOf(other), other);
    }
    expect(cache.get(thumbprintOf(passing), passing)).not.toBe(first);
  });

  it('are not kept when they are none', () => {
    const cache = new KeyCache();
    const broken: ProofKey = { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' };
    expect(cache.get(thumbprintOf(broken), broken)).toBeUndefined();
    expect(cache.size).toBe(0);
  });
});
