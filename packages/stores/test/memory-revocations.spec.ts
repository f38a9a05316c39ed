import type { Revocation, RevocationPosition } from '@portcullis/tokens';
import { describe, expect, it } from 'vitest';
import { memoryRevocations } from '../src/index.ts';

const never = new AbortController().signal;

function revocationOf(value: string, expiresAt = 2000): Revocation {
  return { issuer: 'https://login.example/', by: 'token', value, expiresAt };
}

function at(seconds: number) {
  const clock = { seconds };
  return { clock, source: memoryRevocations({ now: () => clock.seconds * 1000 }) };
}

async function valuesAfter(
  source: ReturnType<typeof memoryRevocations>,
  after: RevocationPosition | undefined,
) {
  const { snapshot, revocations, position } = await source.read(after, never);
  return { snapshot, values: revocations.map(({ value }) => value), number: position.number };
}

describe('revocations in memory', () => {
  it('come as a snapshot first, as what is new afterwards', async () => {
    const { source } = at(1000);
    expect(await valuesAfter(source, undefined)).toEqual({ snapshot: true, values: [], number: 0 });
    expect(source.deny(revocationOf('a'))).toBe(1);
    expect(source.deny(revocationOf('b'))).toBe(2);
    expect(await valuesAfter(source, undefined)).toEqual({ snapshot: true, values: ['a', 'b'], number: 2 });
    const { position } = await source.read(undefined, never);
    expect(await valuesAfter(source, position)).toEqual({ snapshot: false, values: [], number: 2 });
    source.deny(revocationOf('c'));
    expect(await valuesAfter(source, position)).toEqual({ snapshot: false, values: ['c'], number: 3 });
  });

  it('without a number for their end are not taken: they would be gone at once', async () => {
    const { source } = at(1000);
    expect(() => source.deny(revocationOf('a', Number.NaN))).toThrow(TypeError);
    expect(source.deny(revocationOf('b', Infinity))).toBe(1);
    expect(await valuesAfter(source, undefined)).toMatchObject({ values: ['b'] });
  });

  it('come as a snapshot to a reader of another incarnation, or one ahead of the log', async () => {
    const { source } = at(1000);
    source.deny(revocationOf('a'));
    const other = await memoryRevocations().read(undefined, never);
    expect(await valuesAfter(source, other.position)).toMatchObject({ snapshot: true, values: ['a'] });
    const { position } = await source.read(undefined, never);
    const ahead = { ...position, number: 2 };
    expect(await valuesAfter(source, ahead)).toMatchObject({ snapshot: true, values: ['a'] });
    expect(await valuesAfter(source, position)).toMatchObject({ snapshot: false, values: [] });
  });

  it('come as a snapshot to a reader who missed some that were dropped', async () => {
    const { clock, source } = at(1000);
    source.deny(revocationOf('long', 9000));
    const { position } = await source.read(undefined, never);
    source.deny(revocationOf('short', 1100));
    clock.seconds = 1500;
    expect(await valuesAfter(source, position)).toEqual({ snapshot: true, values: ['long'], number: 2 });
  });

  it('are kept through a minute beyond their time, and not longer', async () => {
    const { clock, source } = at(1000);
    source.deny(revocationOf('a', 1100));
    clock.seconds = 1160.9;
    expect(await valuesAfter(source, undefined)).toMatchObject({ values: ['a'] });
    clock.seconds = 1161;
    expect(await valuesAfter(source, undefined)).toMatchObject({ values: [] });
  });

  it('are never dropped for space', async () => {
    const { source } = at(1000);
    for (let count = 0; count < 200_000; count += 1) source.deny(revocationOf(String(count)));
    const { revocations } = await source.read(undefined, never);
    expect(revocations).toHaveLength(200_000);
    expect(revocations[0]?.value).toBe('0');
  });

  it('stay what they were when the object that was handed in is changed', async () => {
    const { source } = at(1000);
    const handed = { issuer: 'https://login.example/', by: 'subject' as const, value: 'u', expiresAt: 2000 };
    source.deny(handed);
    handed.value = 'another';
    expect(await valuesAfter(source, undefined)).toMatchObject({ values: ['u'] });
  });

  it('wake every listener, each until its own end', () => {
    const { source } = at(1000);
    let woken = 0;
    const wake = (): void => {
      woken += 1;
    };
    const endFirst = source.onNews(wake);
    const endSecond = source.onNews(wake);
    source.deny(revocationOf('a'));
    expect(woken).toBe(2);
    endFirst();
    endFirst();
    source.deny(revocationOf('b'));
    expect(woken).toBe(3);
    endSecond();
    source.deny(revocationOf('c'));
    expect(woken).toBe(3);
  });

  it('are read at once by whom they wake', async () => {
    const { source } = at(1000);
    const heard = new Promise<readonly string[]>((resolve, reject) => {
      source.onNews(() => {
        source
          .read(undefined, never)
          .then(({ revocations }) => resolve(revocations.map(({ value }) => value)), reject);
      });
    });
    source.deny(revocationOf('a'));
    expect(await heard).toEqual(['a']);
  });

  it('are not read for a reader who gave up', async () => {
    const { source } = at(1000);
    await expect(source.read(undefined, AbortSignal.abort(new Error('closing')))).rejects.toThrow('closing');
  });
});
