import { Controller, Get, Inject, Injectable, Module, type ExecutionContext } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { authenticate, callerOf, optionalAuthentication, createAuthenticator } from '@portcullis/http';
import {
  AUTHENTICATOR,
  Authenticated,
  ContextDoors,
  Gate,
  PortcullisGuard,
  PortcullisModule,
  Public,
  RefusedException,
  type PortcullisAsyncOptions,
  type PortcullisOptions,
  type PortcullisOptionsFactory,
} from '@portcullis/nest';
import { createTestingApp, signInAs } from '@portcullis/nest/testing';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

@Controller()
class WhoController {
  @Get('who') @Authenticated() who() {
    return 'somebody';
  }
  @Get('open') @Public() open() {
    return 'anybody';
  }
}

describe('forRootAsync', () => {
  @Injectable()
  class Settings {
    readonly issuer = issuer.issuer;
    readonly audience = issuer.audience;
  }

  @Module({ providers: [Settings], exports: [Settings] })
  class SettingsModule {}

  it('takes its options from other providers, at once or later', async () => {
    @Module({
      imports: [
        PortcullisModule.forRootAsync({
          imports: [SettingsModule],
          inject: [Settings],
          useFactory: async (settings: Settings) => Promise.resolve({ ...settings }),
        }),
      ],
      controllers: [WhoController],
    })
    class AsyncModule {}

    const { url, close } = await createTestingApp(AsyncModule);
    onTestFinished(close);
    expect((await fetch(`${url}/who`)).status).toBe(401);
    expect((await fetch(`${url}/who`, { headers: { ...(await signInAs(issuer)) } })).status).toBe(200);
  });

  class SettingsOptions implements PortcullisOptionsFactory {
    private readonly settings: Settings;
    constructor(@Inject(Settings) settings: Settings) {
      this.settings = settings;
    }
    createPortcullisOptions(): PortcullisOptions {
      return { ...this.settings };
    }
  }

  @Module({ imports: [SettingsModule], providers: [SettingsOptions], exports: [SettingsOptions] })
  class OptionsModule {}

  it.each<[string, () => PortcullisAsyncOptions]>([
    ['a class that it makes', () => ({ imports: [SettingsModule], useClass: SettingsOptions })],
    ['a provider that is there', () => ({ imports: [OptionsModule], useExisting: SettingsOptions })],
  ])('takes its options from %s', async (_case, options) => {
    @Module({ imports: [PortcullisModule.forRootAsync(options())], controllers: [WhoController] })
    class AsyncModule {}

    const { url, close } = await createTestingApp(AsyncModule);
    onTestFinished(close);
    expect((await fetch(`${url}/who`)).status).toBe(401);
    expect((await fetch(`${url}/who`, { headers: { ...(await signInAs(issuer)) } })).status).toBe(200);
  });

  it('renders its refusals without any filter of the application', async () => {
    @Module({
      imports: [PortcullisModule.forRoot({ issuer: issuer.issuer, audience: issuer.audience })],
      controllers: [WhoController],
    })
    class PlainModule {}

    const { url, close } = await createTestingApp(PlainModule);
    onTestFinished(close);
    const response = await fetch(`${url}/who`);
    expect(response.headers.get('www-authenticate')).toBe(`Bearer realm="${issuer.audience}"`);
    expect(await response.json()).toMatchObject({ status: 401, code: 'ERR_NO_CREDENTIAL' });
  });
});

describe('options that protect nothing', () => {
  it.each([
    ['no issuer', { issuer: '', audience: 'https://api.example' }],
    ['no audience', { issuer: 'https://issuer.example/', audience: [] }],
    ['an issuer over plain http', { issuer: 'http://issuer.example/', audience: 'https://api.example' }],
  ])('keep the application from starting: %s', async (_case, options) => {
    const module = { module: class {}, imports: [PortcullisModule.forRoot(options)] };
    await expect(createTestingApp(module)).rejects.toThrow(TypeError);
  });

  it('are a type error already where they are forgotten', () => {
    // @ts-expect-error an issuer is required: without one, any signer would do
    PortcullisModule.forRoot({ audience: 'https://api.example' });
    // @ts-expect-error an audience is required: without one, a token for any API would do
    PortcullisModule.forRoot({ issuer: 'https://issuer.example/' });
    expect(PortcullisModule.forRoot({ issuer: 'https://i.example/', audience: 'a' }).global).toBe(true);
  });
});

describe('the guard outside HTTP', () => {
  const contextOf = (type: string, handler: Function = WhoController.prototype.open): ExecutionContext => {
    const context = new ExecutionContextHost([{ rawHeaders: [], method: 'GET' }, {}], WhoController, handler);
    context.setType(type);
    return context;
  };

  function guard(): PortcullisGuard {
    const authenticator = createAuthenticator({ issuer: issuer.issuer, audience: issuer.audience });
    onTestFinished(() => authenticator.verifier.close());
    return new PortcullisGuard(new Gate(authenticator), new ContextDoors());
  }

  it.each(['rpc', 'ws', 'graphql'])('refuses %s, even a handler that is public over HTTP', async (type) => {
    const refusal = (async () => guard().canActivate(contextOf(type)))();
    await expect(refusal).rejects.toThrow(RefusedException);
    await expect(refusal).rejects.toMatchObject({
      refusal: { status: 403, problem: { code: 'ERR_NO_RULE' } },
    });
    expect(await guard().canActivate(contextOf('http'))).toBe(true);
  });

  it('refuses a handler that its controller does not have, whatever its name', async () => {
    const open = (): string => 'a stranger of the same name';
    await expect((async () => guard().canActivate(contextOf('http', open)))()).rejects.toMatchObject({
      refusal: { problem: { code: 'ERR_NO_RULE' } },
    });
  });
});

describe('the authenticator of the module', () => {
  it('serves a plain middleware of the same application', async () => {
    const seen: unknown[] = [];
    @Module({
      imports: [PortcullisModule.forRoot({ issuer: issuer.issuer, audience: issuer.audience })],
      controllers: [WhoController],
    })
    class SharedModule {}

    const { url, close } = await createTestingApp(SharedModule, {
      prepare: (app) => {
        const [trusting, judging] = [authenticate(app.get(AUTHENTICATOR)), optionalAuthentication()];
        app
          .getHttpAdapter()
          .getInstance()
          .addHook('onRequest', (request, reply, done) => {
            trusting(request.raw, reply.raw, () =>
              judging(request.raw, reply.raw, () => {
                seen.push(callerOf(request.raw)?.subject);
                done();
              }),
            );
          });
      },
    });
    onTestFinished(close);
    await fetch(`${url}/open`, { headers: { ...(await signInAs(issuer, { sub: 'user|9' })) } });
    expect(seen).toEqual(['user|9']);
  });
});
