import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Controller, Get, Module, type Type } from '@nestjs/common';
import {
  Authenticated,
  CurrentCaller,
  PortcullisModule,
  RequirePermissions,
  UseVerifier,
  type Caller,
  type PortcullisOptions,
} from '@portcullis/nest';
import { createTestingApp, signInAs, type InProcess } from '@portcullis/nest/testing';
import { createInProcessIssuer, createTestKey, spoiled, type InProcessIssuer } from '@portcullis/testing';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const TENANT = 'https://tenant.example/';
const PARTNER = 'https://partner.example/';
const AUDIENCE = 'https://menu.example';

let tenant: InProcessIssuer;
let partner: InProcessIssuer;
beforeAll(async () => {
  tenant = await createInProcessIssuer({ issuer: TENANT, audience: AUDIENCE });
  partner = await createInProcessIssuer({ issuer: PARTNER, audience: AUDIENCE });
});

@Controller()
class ItemsController {
  @Get('mine') @Authenticated() mine(@CurrentCaller() { issuer, subject }: Caller) {
    return { issuer, subject };
  }
  @Get('kitchen') @RequirePermissions('read:kitchen') kitchen() {}
}

/** An application as it runs in production: its issuers are somewhere else, and not reachable from here. */
function application(
  options: Partial<PortcullisOptions> = {},
  controllers: readonly Type[] = [ItemsController],
) {
  @Module({
    imports: [PortcullisModule.forRoot({ issuer: TENANT, audience: AUDIENCE, production: true, ...options })],
    controllers: [...controllers],
  })
  class AppModule {}
  return AppModule;
}

async function started(module: Type, inProcess: InProcess | readonly InProcess[]): Promise<string> {
  const { url, close } = await createTestingApp(module, { inProcess });
  onTestFinished(close);
  return url;
}

/** The origins that `fetch` was asked for from now on to the end of the test. */
function askedOrigins(): readonly string[] {
  const origins: string[] = [];
  const note = (message: unknown) => {
    const { request } = message as { request: { origin: string } };
    origins.push(request.origin);
  };
  subscribe('undici:request:create', note);
  onTestFinished(() => void unsubscribe('undici:request:create', note));
  return origins;
}

describe('an application with issuers in process', () => {
  it('answers as it would, by its real guard and verifier', async () => {
    const url = await started(application(), tenant);
    const asked = async (path: string, headers: Record<string, string> = {}) =>
      (await fetch(`${url}/${path}`, { headers })).status;
    expect(await asked('mine')).toBe(401);
    expect(await asked('mine', { ...(await signInAs(tenant)) })).toBe(200);
    expect(await asked('kitchen', { ...(await signInAs(tenant)) })).toBe(403);
    expect(await asked('kitchen', { ...(await signInAs(tenant, { permissions: ['read:kitchen'] })) })).toBe(
      200,
    );
    const forger = await createTestKey('ES256', { kid: tenant.key.kid });
    for (const token of [
      spoiled.signature(await tenant.accessToken()),
      await tenant.accessToken({}, { key: forger }),
      await tenant.accessToken({ exp: 1 }),
      await tenant.accessToken({ aud: 'https://other.example' }),
      await partner.accessToken(),
      await tenant.idToken(),
    ]) {
      expect(await asked('mine', { authorization: `Bearer ${token}` })).toBe(401);
    }
  });

  it('asks nobody over the network', async () => {
    const origins = askedOrigins();
    const url = await started(application({ jwksUri: `${TENANT}keys` }), tenant);
    const response = await fetch(`${url}/mine`, {
      headers: { ...(await signInAs(tenant, { sub: 'user|7' })) },
    });
    expect(await response.json()).toEqual({ issuer: TENANT, subject: 'user|7' });
    expect(origins).toEqual([url]);
  });

  it('keeps the rules of each issuer, and its named verifiers', async () => {
    @Controller()
    @Authenticated()
    class OrdersController {
      @Get('own') own() {}
      @Get('partner') @UseVerifier('partner') ofPartner() {}
    }
    const options = {
      issuer: [{ issuer: TENANT, profile: 'strict' as const }],
      verifiers: { partner: { issuer: PARTNER, audience: AUDIENCE } },
    };
    const url = await started(application(options, [OrdersController]), [tenant, partner]);
    const asked = async (path: string, issuer: InProcessIssuer, header = {}) => {
      const authorization = `Bearer ${await issuer.accessToken({}, { header })}`;
      return (await fetch(`${url}/${path}`, { headers: { authorization } })).status;
    };
    expect([await asked('own', tenant), await asked('own', partner)]).toEqual([200, 401]);
    expect([await asked('partner', tenant), await asked('partner', partner)]).toEqual([401, 200]);
    expect(await asked('own', tenant, { typ: 'JWT' })).toBe(401);
    expect(await asked('partner', partner, { typ: 'JWT' })).toBe(200);
  });

  it('takes its options from wherever it does', async () => {
    @Module({
      imports: [
        PortcullisModule.forRootAsync({
          useFactory: async () => Promise.resolve({ issuer: { issuer: TENANT }, audience: AUDIENCE }),
        }),
      ],
      controllers: [ItemsController],
    })
    class AppModule {}
    const url = await started(AppModule, tenant);
    expect((await fetch(`${url}/mine`, { headers: { ...(await signInAs(tenant)) } })).status).toBe(200);
  });

  it('does not start when an issuer is not at hand: it would be asked over the network', async () => {
    const origins = askedOrigins();
    const both = application({ issuer: [TENANT, PARTNER] });
    await expect(createTestingApp(both, { inProcess: tenant })).rejects.toThrow(
      `the application trusts ${PARTNER}, whose keys createTestingApp was not given`,
    );
    const resolving = application({ issuer: () => undefined });
    await expect(createTestingApp(resolving, { inProcess: tenant })).rejects.toThrow(
      '"issuer" that is a function',
    );
    expect(origins).toEqual([]);
  });
});

describe('a module without options', () => {
  it('says so', async () => {
    const module = {
      module: class {},
      imports: [
        PortcullisModule.forRootAsync({ useFactory: () => undefined as unknown as PortcullisOptions }),
      ],
    };
    await expect(createTestingApp(module)).rejects.toThrow('PortcullisModule was given no options');
  });
});
