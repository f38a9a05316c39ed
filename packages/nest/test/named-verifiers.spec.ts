import { Controller, Get } from '@nestjs/common';
import {
  AUTHENTICATOR,
  Authenticated,
  CurrentCaller,
  Gate,
  NAMED_AUTHENTICATORS,
  OptionalAuthentication,
  Public,
  UseVerifier,
  type Caller,
} from '@portcullis/nest';
import { Refusal, type Authenticator } from '@portcullis/http';
import { createTestingApp, signInAs } from '@portcullis/nest/testing';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appModule, deadIssuer, start, type Parts } from './app.ts';
import { doors } from './doors/start-door.ts';

let own: TestIssuer;
let partner: TestIssuer;
beforeAll(async () => {
  own = await createTestIssuer({ algorithm: 'ES256' });
  partner = await createTestIssuer({ algorithm: 'ES256', audience: 'https://partners.example' });
});
afterAll(() => Promise.all([own.stop(), partner.stop()]));

const trusted = ({ issuer, audience }: Pick<TestIssuer, 'issuer' | 'audience'>) => ({ issuer, audience });
const withPartner = (controllers: Parts['controllers']): Parts => ({
  issuer: own,
  controllers,
  options: { verifiers: { partner: trusted(partner) } },
});

@Controller()
@Authenticated()
class OrdersController {
  @Get('own') own(@CurrentCaller() caller: Caller) {
    return { issuer: caller.issuer };
  }
  @Get('partner') @UseVerifier('partner') ofPartner(@CurrentCaller() caller: Caller) {
    return { issuer: caller.issuer };
  }
}

@Controller('feed')
@UseVerifier('partner')
class FeedController {
  @Get() @Authenticated() feed() {}
  @Get('open') @Public() open() {}
  @Get('optional') @OptionalAuthentication() optional() {}
}

class PartnerBase {
  @Get() @Authenticated() @UseVerifier('partner') list() {}
}
@Controller('inherited')
class InheritedController extends PartnerBase {
  @Get() override list() {}
}

const controllers = [OrdersController, FeedController, InheritedController];

describe('@UseVerifier', () => {
  it.each<[string, number, number]>([
    ['own', 200, 401],
    ['partner', 401, 200],
    ['feed', 401, 200],
    ['feed/open', 200, 200],
    ['feed/optional', 401, 200],
    ['inherited', 401, 200],
  ])('GET /%s answers %i to our own token and %i to the partner’s', async (path, toOwn, toPartner) => {
    const { url } = await start(withPartner(controllers));
    const asked = async (issuer: TestIssuer) =>
      (await fetch(`${url}/${path}`, { headers: { ...(await signInAs(issuer)) } })).status;
    expect([await asked(own), await asked(partner)]).toEqual([toOwn, toPartner]);
  });

  it.each(
    (['fastify', 'express'] as const).flatMap((adapter) =>
      Object.entries(doors).map(([name, door]) => [name, adapter, door] as const),
    ),
  )('answers alike at the door %s on %s', async (_name, adapter, door) => {
    const { url } = await start({
      issuer: own,
      controllers,
      adapter,
      options: { door, verifiers: { partner: trusted(partner) } },
    });
    const asked = async (headers: Record<string, string>) => {
      const response = await fetch(`${url}/partner`, { headers });
      const { issuer, code }: { issuer?: string; code?: string } = JSON.parse(await response.text());
      return [response.status, issuer ?? code];
    };
    expect(await asked({ ...(await signInAs(partner)) })).toEqual([200, partner.issuer]);
    expect(await asked({ ...(await signInAs(own)) })).toEqual([401, 'ERR_TOKEN_UNTRUSTED']);
    expect(await asked({ authorization: 'Bearer' })).toEqual([400, 'ERR_CREDENTIAL_REQUEST']);
    expect(await asked({})).toEqual([401, 'ERR_NO_CREDENTIAL']);
  });

  it('challenges for the realm of its own verifier', async () => {
    const { url } = await start(withPartner(controllers));
    const realm = async (path: string) => (await fetch(`${url}/${path}`)).headers.get('www-authenticate');
    expect(await realm('own')).toBe(`Bearer realm="${own.audience}"`);
    expect(await realm('partner')).toBe(`Bearer realm="${partner.audience}"`);
  });

  it('tells two audiences of one issuer apart', async () => {
    const admin = { issuer: own.issuer, audience: 'https://admin.example' };
    @Controller()
    @Authenticated()
    class TwoController {
      @Get('menu') menu() {}
      @Get('admin') @UseVerifier('admin') admin() {}
    }
    const { url } = await start({
      issuer: own,
      controllers: [TwoController],
      options: { verifiers: { admin } },
    });
    const asked = async (path: string, aud: string) =>
      (await fetch(`${url}/${path}`, { headers: { ...(await signInAs(own, { aud })) } })).status;
    expect([await asked('menu', own.audience), await asked('menu', admin.audience)]).toEqual([200, 401]);
    expect([await asked('admin', own.audience), await asked('admin', admin.audience)]).toEqual([401, 200]);
  });

  it('fails alone: one issuer that is down is 503 for its own tokens only', async () => {
    const dead = { issuer: await deadIssuer(), audience: partner.audience };
    const logged: string[] = [];
    const note = (message: unknown) => void logged.push(String(message));
    const parts: Parts = { issuer: own, controllers, options: { verifiers: { partner: dead } } };
    const { url } = await start({ ...parts, logger: { log: note, warn: note, error: note } });
    const asked = async (path: string, claims: Record<string, unknown>) =>
      (await fetch(`${url}/${path}`, { headers: { ...(await signInAs(own, claims)) } })).status;
    expect(await asked('partner', { iss: dead.issuer, aud: dead.audience })).toBe(503);
    expect(await asked('own', {})).toBe(200);
    await expect
      .poll(() => logged.join('\n'))
      .toContain(`the keys of the issuer "${dead.issuer}" cannot be had`);
  });

  it('of a name that nobody has refuses to start, naming the handlers and the names there are', async () => {
    @Controller()
    class LostController {
      @Get() @Authenticated() @UseVerifier('partnr') list() {}
    }
    const misspelt = start(withPartner([...controllers, LostController]));
    await expect(misspelt).rejects.toThrow(
      'LostController.list takes the tokens of the verifier "partnr", and those there are have the names "partner"',
    );
    await expect(start({ issuer: own, controllers: [LostController] })).rejects.toThrow(
      'LostController.list takes the tokens of the verifier "partnr", and there is none: give PortcullisModule { verifiers: { partnr: … } }',
    );
  });

  it('twice in one place, or beside @Public, refuses to start', async () => {
    @Controller()
    class TwiceController {
      @Get() @Authenticated() @UseVerifier('partner') @UseVerifier('other') list() {}
    }
    await expect(start(withPartner([TwiceController]))).rejects.toThrow(
      'TwiceController.list has @UseVerifier twice',
    );
    @Controller()
    class IdleController {
      @Get() @Public() @UseVerifier('partner') list() {}
    }
    await expect(start(withPartner([IdleController]))).rejects.toThrow('IdleController.list is @Public');
    expect(() => UseVerifier('')).toThrow(TypeError);
  });
});

describe('the verifiers of an application', () => {
  it('are closed with it, and refused with their name when they could not protect anything', async () => {
    const { app, close } = await createTestingApp(appModule(withPartner(controllers)));
    const named: ReadonlyMap<string, Authenticator> = app.get(NAMED_AUTHENTICATORS);
    const verifiers = [app.get<Authenticator>(AUTHENTICATOR), named.get('partner')].map(
      (one) => one?.verifier,
    );
    await close();
    const visits = partner.visits.keys;
    for (const verifier of verifiers) await verifier?.reloadKeys();
    expect(partner.visits.keys).toBe(visits);

    const wrong = start({
      issuer: own,
      controllers,
      options: { verifiers: { partner: { issuer: '', audience: 'a' } } },
    });
    await expect(wrong).rejects.toThrow('the verifier "partner": "issuer" must be');
  });

  it('share "production" unless one says otherwise', async () => {
    const options = {
      issuer: 'https://own.example/',
      production: true,
      verifiers: { partner: trusted(partner) },
    };
    const strict = start({ issuer: { ...own, issuer: options.issuer }, controllers, options });
    await expect(strict).rejects.toThrow(/^the verifier "partner": .*production/);
  });

  it('do not vouch for each other where the credential was judged before, as for a GraphQL field', async () => {
    const { app } = await start(withPartner(controllers));
    const gate = app.get(Gate);
    const authenticator: Authenticator = app.get(AUTHENTICATOR);
    const { authorization } = await signInAs(own);
    const who = await authenticator.authenticate({
      rawHeaders: ['Authorization', authorization],
      method: 'POST',
      url: '/graphql',
    });
    const handlerOf = (name: 'own' | 'ofPartner') =>
      gate.handlerOf(OrdersController, OrdersController.prototype[name]);
    const occasion = { context: 'graphql', method: 'query', requestId: undefined } as const;
    expect(gate.decide(handlerOf('own'), who, occasion)).toBe(who);
    expect(gate.decide(handlerOf('ofPartner'), who, occasion)).toBeInstanceOf(Refusal);
    expect(gate.decide(handlerOf('ofPartner'), who, occasion)).toMatchObject({ status: 401 });
    expect(gate.decide(handlerOf('ofPartner'), who, occasion, handlerOf('ofPartner').authenticator)).toBe(
      who,
    );
  });
});
