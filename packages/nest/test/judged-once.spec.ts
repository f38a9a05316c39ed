import { Controller, Get, Next, Param } from '@nestjs/common';
import { Authenticated, CurrentCaller, RequirePermissions, UseVerifier, type Caller } from '@portcullis/nest';
import { createDpopClient, createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { doors, startDoor, type Cell } from './doors/start-door.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const publicUrl = 'https://menu.example';

/** Express alone hands a request on from handler to handler. */
@Controller('dishes')
class DishesController {
  @Get(':name') @Authenticated() first(@Param('name') name: string, @Next() next: () => void) {
    if (name === 'none') return 'none';
    return next();
  }
  @Get('pie') @RequirePermissions('read:pies') pie(@CurrentCaller() { subject, via }: Caller) {
    return { subject, via };
  }
  @Get('tart') @Authenticated() @UseVerifier('partner') tart(@CurrentCaller() { subject }: Caller) {
    return { subject };
  }
}

describe.each(Object.keys(doors) as Cell['door'][])('a request that comes to two handlers (%s)', (door) => {
  async function start() {
    const used = new Set<string>();
    const partner = await createTestIssuer({ algorithm: 'ES256', audience: issuer.audience });
    onTestFinished(() => partner.stop());
    const { url, close } = await startDoor({ door, adapter: 'express' }, [DishesController], {
      issuer: issuer.issuer,
      audience: issuer.audience,
      dpop: { publicUrl, replayStore: { remember: (key) => used.size < used.add(key).size } },
      verifiers: { partner: { issuer: partner.issuer, audience: partner.audience } },
    });
    onTestFinished(() => close());
    const client = await createDpopClient();
    const token = await issuer.accessToken({ cnf: { jkt: client.jkt }, permissions: ['read:pies'] });
    return (path: string) => ({
      proof: client.proof({ method: 'GET', url: `${publicUrl}/dishes/${path}`, token }),
      send: async (dpop: string) => {
        const headers = { authorization: `DPoP ${token}`, dpop };
        const response = await fetch(`${url}/dishes/${path}`, { headers });
        return { status: response.status, body: (await response.json()) as unknown };
      },
    });
  }

  it('has its proof of possession looked at once, and the next request another time', async () => {
    const ask = await start();
    const { proof, send } = ask('pie');
    expect(await send(proof)).toEqual({ status: 200, body: { subject: 'user|1', via: 'dpop' } });
    expect(await send(proof)).toMatchObject({ status: 401, body: { code: 'ERR_DPOP_PROOF_INVALID' } });
  });

  it('is nobody to a verifier that has not judged it', async () => {
    const ask = await start();
    const { proof, send } = ask('tart');
    expect(await send(proof)).toMatchObject({ status: 401 });
  });
});
