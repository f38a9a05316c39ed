import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { MACHINE_SECRET, startForTest } from './support/identity.ts';
import { MENU_API, refresh, token, type Tokens } from './support/login.ts';

// Each start of the app opens a database; several in one test add up on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe('AUTH0_DIALECT', () => {
  it('gives every client tokens and refusals in the shapes of Auth0', async () => {
    const identity = await startForTest({ AUTH0_DIALECT: 'true' });
    const machine = await token(identity.url, {
      grant_type: 'client_credentials',
      client_id: 'wab-machine',
      client_secret: MACHINE_SECRET,
      audience: MENU_API,
    });
    const { access_token } = (await machine.json()) as Tokens;
    expect(decodeProtectedHeader(access_token).typ).toBe('JWT');
    expect(decodeJwt(access_token)).toMatchObject({
      azp: 'wab-machine',
      sub: 'wab-machine@clients',
      gty: 'client-credentials',
    });
    expect((await refresh(identity.url, 'unknown', { client_id: 'supper-club' })).status).toBe(403);
    await identity.stop();
  });
});
