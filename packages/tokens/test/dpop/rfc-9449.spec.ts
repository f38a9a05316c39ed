import { describe, expect, it } from 'vitest';
import { DpopCheck } from '../../src/dpop/dpop-check.ts';
import { MemoryStore } from './memory-store.ts';
import { invalid } from './trial.ts';

/** RFC 9449 7.1, figure 12. */
const token = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU';
const proof = [
  'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6Ik',
  'VDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR',
  'nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JE',
  'QSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIj',
  'oiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0Z',
  'WRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNF',
  'c05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71E',
  'OptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA',
].join('');
const issued = 1_562_262_618;
/** RFC 9449 6.1, figure 9. */
const jkt = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';

function check(
  changes: { now?: number; publicUrl?: string; method?: string; url?: string; token?: string } = {},
) {
  const { now = issued, publicUrl = 'https://resource.example.org', ...request } = changes;
  const dpop = new DpopCheck({ publicUrl, replayStore: new MemoryStore() }, { now: () => now * 1000 }, 0);
  return dpop.check(
    { scheme: 'dpop', token, proof, method: 'GET', url: '/protectedresource', ...request },
    jkt,
  );
}

describe('the proof that RFC 9449 shows', () => {
  it('is good for the request that it was made for', async () => {
    await expect(check()).resolves.toBeUndefined();
    await expect(check({ now: issued + 60, url: '/protectedresource?page=2' })).resolves.toBeUndefined();
  });

  it.each([
    ['a minute and a second later', { now: issued + 61 }],
    ['a second before it was made', { now: issued - 1 }],
    ['with another method', { method: 'POST' }],
    ['at another path', { url: '/protectedresource/1' }],
    ['at another host', { publicUrl: 'https://resource.example.com' }],
    ['with another token', { token: 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxV' }],
  ])('is refused %s', async (_case, changes) => {
    await expect(check(changes)).rejects.toMatchObject(invalid);
  });
});
