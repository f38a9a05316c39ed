import { permissionsPerIssuer, tokenPermissions } from '@portcullis/permissions';
import { describe, expect, it } from 'vitest';
import { authentication } from './authentication.ts';

const OURS = 'https://ours.example/';
const sources = { [OURS]: tokenPermissions() };
const of = (issuer: string) => authentication({ issuer, permissions: ['read:items'] });

describe('permissions per issuer', () => {
  it('are those of the issuer’s own source', async () => {
    const { names } = await permissionsPerIssuer(sources).permissionsOf(of(OURS));
    expect([...names]).toEqual(['read:items']);
  });

  it.each(['https://theirs.example/', 'https://ours.example', 'constructor', '__proto__'])(
    'are none of an issuer without one: %s',
    async (issuer) => {
      const { names, withheld } = await permissionsPerIssuer(sources).permissionsOf(of(issuer));
      expect([names.size, withheld.size]).toEqual([0, 0]);
    },
  );

  it('are those of the last resort where there is one', async () => {
    const permissions = permissionsPerIssuer({ [OURS]: permissionsPerIssuer({}) }, tokenPermissions());
    expect((await permissions.permissionsOf(of('https://theirs.example/'))).names.size).toBe(1);
    expect((await permissions.permissionsOf(of(OURS))).names.size).toBe(0);
  });
});
