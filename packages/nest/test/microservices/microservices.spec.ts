import { Controller, Get, Scope } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import {
  Authenticated,
  CurrentCaller,
  ProblemDetailsFilter,
  Public,
  RequirePermissions,
  type Caller,
} from '@portcullis/nest';
import { createDpopClient, createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { serve, servings, type Service } from './service.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const bearer = async (claims: Record<string, unknown> = {}): Promise<string> =>
  `Bearer ${await issuer.accessToken(claims)}`;

@Controller()
class KitchenController {
  readonly burnt: string[] = [];

  @MessagePattern('menu') @Public() menu() {
    return ['soup'];
  }
  @MessagePattern('mine') @Authenticated() mine(@CurrentCaller() caller: Caller) {
    return caller.subject;
  }
  @MessagePattern({ cmd: 'cook' }) @RequirePermissions('cook:items') cook(@Payload() dish: string) {
    return `${dish} is cooked`;
  }
  @EventPattern('burnt') @RequirePermissions('cook:items') burn(@Payload() dish: string) {
    this.burnt.push(dish);
  }
  @MessagePattern('burnt so far') @Public() list() {
    return this.burnt;
  }
  @MessagePattern('spilled') @Public() spill() {
    throw new RpcException('the soup is on the floor');
  }
}

@Controller({ scope: Scope.REQUEST })
class TableController {
  @MessagePattern('table') @RequirePermissions('read:tables') table() {
    return 'by the window';
  }
}

const asked = (
  service: Service,
  authorization: string | undefined,
  pattern: unknown,
  data: unknown = 'soup',
) => firstValueFrom(service.client(authorization).send<unknown>(pattern, data));

describe.each(servings)('handlers of a microservice, served %s', (serving) => {
  const started = () => serve(serving, { issuer, controllers: [KitchenController, TableController] });

  it('answer whom their rule admits', async () => {
    const service = await started();
    expect(await asked(service, undefined, 'menu')).toEqual(['soup']);
    expect(await asked(service, await bearer({ sub: 'user|7' }), 'mine')).toBe('user|7');
    const cook = await bearer({ scope: 'cook:items', permissions: ['cook:items'] });
    expect(await asked(service, cook, { cmd: 'cook' })).toBe('soup is cooked');
    const waiter = await bearer({ scope: 'read:tables', permissions: ['read:tables'] });
    expect(await asked(service, waiter, 'table')).toBe('by the window');
  });

  it('refuse everybody else with the problem that HTTP would send', async () => {
    const service = await started();
    await expect(asked(service, undefined, 'mine')).rejects.toMatchObject({
      status: 401,
      code: 'ERR_NO_CREDENTIAL',
    });
    await expect(asked(service, await bearer(), { cmd: 'cook' })).rejects.toMatchObject({
      status: 403,
      code: 'ERR_INSUFFICIENT_PERMISSIONS',
      missingPermissions: ['cook:items'],
    });
    await expect(asked(service, undefined, 'table')).rejects.toMatchObject({ status: 401 });
    const expired = await bearer({ exp: Math.floor(Date.now() / 1000) - 60 });
    await expect(asked(service, expired, 'mine')).rejects.toMatchObject({ code: 'ERR_TOKEN_EXPIRED' });
  });

  it('decide each message once, and tell of it', async () => {
    const service = await started();
    await asked(service, await bearer({ sub: 'user|7' }), 'mine');
    await asked(service, undefined, 'mine').catch(() => undefined);
    expect(service.events).toMatchObject([
      {
        context: 'rpc',
        handler: 'KitchenController.mine',
        caller: { subject: 'user|7' },
        refusal: undefined,
      },
      { context: 'rpc', handler: 'KitchenController.mine', caller: undefined, refusal: { status: 401 } },
    ]);
  });

  it('drop an event that may not be, tell of it, and go on', async () => {
    const service = await started();
    const cook = await bearer({ scope: 'cook:items', permissions: ['cook:items'] });
    service.client(await bearer()).emit('burnt', 'fish');
    await vi.waitFor(() => expect(service.events).toMatchObject([{ refusal: { status: 403 } }]));
    service.client(cook).emit('burnt', 'rice');
    await vi.waitFor(async () => expect(await asked(service, undefined, 'burnt so far')).toEqual(['rice']));
  });
});

describe('a credential in the metadata of a packet', () => {
  const service = () => serve('alone', { issuer, controllers: [KitchenController] });

  it('is refused when it is bound: nothing there could prove it', async () => {
    const { jkt } = await createDpopClient();
    const token = await issuer.accessToken({ cnf: { jkt } });
    const kitchen = await serve('alone', {
      issuer,
      controllers: [KitchenController],
      options: { dpop: { publicUrl: 'http://127.0.0.1:7000', replayStore: { remember: () => true } } },
    });
    for (const scheme of ['Bearer', 'DPoP'])
      await expect(asked(kitchen, `${scheme} ${token}`, 'mine')).rejects.toMatchObject({ status: 401 });
    const certificate = await issuer.accessToken({ cnf: { 'x5t#S256': 'A'.repeat(43) } });
    await expect(asked(kitchen, `Bearer ${certificate}`, 'mine')).rejects.toMatchObject({ status: 401 });
  });

  it.each<[string, unknown]>([
    ['a number', 7],
    ['a list', ['Bearer a', 'Bearer b']],
    ['null', null],
    ['an object', { Bearer: 'a' }],
  ])('is 400 when it is no text: %s', async (_case, authorization) => {
    const client = (await service()).sending({ authorization: authorization as string });
    await expect(firstValueFrom(client.send('mine', ''))).rejects.toMatchObject({
      status: 400,
      code: 'ERR_CREDENTIAL_REQUEST',
    });
  });

  it.each<[string, unknown]>([
    ['a text', 'Bearer a'],
    ['a list', [1]],
    ['null', null],
  ])('is none when the metadata is %s', async (_case, metadata) => {
    const client = (await service()).sending(metadata as Record<string, string>);
    await expect(firstValueFrom(client.send('mine', ''))).rejects.toMatchObject({
      code: 'ERR_NO_CREDENTIAL',
    });
  });

  it('is asked for anew with each packet', async () => {
    const kitchen = await service();
    const tokens = [await bearer({ sub: 'user|1' }), await bearer({ sub: 'user|2' })];
    const client = kitchen.client();
    client.setOnDispatchHook((packet) => {
      packet.metadata = { authorization: tokens.shift() ?? '' };
    });
    expect(await firstValueFrom(client.send('mine', ''))).toBe('user|1');
    expect(await firstValueFrom(client.send('mine', ''))).toBe('user|2');
  });
});

describe('an application with microservice handlers', () => {
  @Controller()
  class CellarController {
    @MessagePattern('wines') wines() {}
    @EventPattern({ bottle: 'opened' }) opened() {}
    @Get('cellar') @Public() cellar() {}
  }

  it.each(servings)('refuses to start while one has no rule: %s', async (serving) => {
    await expect(serve(serving, { issuer, controllers: [CellarController] })).rejects.toThrow(
      [
        'These handlers say nothing about who may call them:',
        '  CellarController.wines (rpc wines)',
        '  CellarController.opened (rpc {"bottle":"opened"})',
      ].join('\n'),
    );
  });

  it.each(servings)('refuses to start without PortcullisMicroservicesModule: %s', async (serving) => {
    await expect(serve(serving, { issuer, controllers: [KitchenController], imports: [] })).rejects.toThrow(
      '@portcullis/nest/microservices',
    );
  });

  it('lets nobody in before that, should it listen', async () => {
    const kitchen = await serve('hybrid before its init', {
      issuer,
      controllers: [KitchenController],
      imports: [],
    });
    await expect(asked(kitchen, undefined, 'menu')).rejects.toMatchObject({ status: 'error' });
    await expect(asked(kitchen, await bearer(), 'mine')).rejects.toMatchObject({ status: 'error' });
  });

  it.each(servings)('says what a handler meant to say under ProblemDetailsFilter: %s', async (serving) => {
    const kitchen = await serve(serving, {
      issuer,
      controllers: [KitchenController],
      providers: [{ provide: APP_FILTER, useClass: ProblemDetailsFilter }],
    });
    await expect(asked(kitchen, undefined, 'spilled')).rejects.toMatchObject({
      message: 'the soup is on the floor',
    });
    await expect(asked(kitchen, undefined, 'mine')).rejects.toMatchObject({ status: 401 });
  });
});

describe('a handler of messages that an instance has replaced', () => {
  @Controller()
  class BoundController {
    constructor() {
      this.wines = this.wines.bind(this);
    }
    @MessagePattern('wines') @Authenticated() wines() {
      return 'a bottle';
    }
  }

  @Controller({ scope: Scope.REQUEST })
  class ScopedController extends BoundController {}

  it.each(servings)('keeps the application from starting: %s', async (serving) => {
    await expect(serve(serving, { issuer, controllers: [BoundController] })).rejects.toThrow(
      'BoundController.wines is another function on the instance',
    );
  });

  it('lets nobody in before that, should it listen', async () => {
    const cellar = await serve('hybrid before its init', { issuer, controllers: [BoundController] });
    await expect(asked(cellar, await bearer(), 'wines')).rejects.toMatchObject({ code: 'ERR_NO_RULE' });
  });

  it.each(servings)('lets nobody in where it is replaced for each message: %s', async (serving) => {
    const cellar = await serve(serving, { issuer, controllers: [ScopedController] });
    await expect(asked(cellar, await bearer(), 'wines')).rejects.toMatchObject({ code: 'ERR_NO_RULE' });
    await expect(asked(cellar, undefined, 'wines')).rejects.toMatchObject({ code: 'ERR_NO_RULE' });
  });
});
