import { Controller, Get, Scope } from '@nestjs/common';
import { Authenticated, CurrentCaller, Public, RequirePermissions, type Caller } from '@portcullis/nest';
import { signInAs } from '@portcullis/nest/testing';
import { createInProcessIssuer, type InProcessIssuer } from '@portcullis/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DOORS, start, type Parts } from './app.ts';

let issuer: InProcessIssuer;
beforeAll(async () => void (issuer = await createInProcessIssuer()));

const reached: string[] = [];
beforeEach(() => void (reached.length = 0));

/** What an agent that watches an application does to its handlers. */
function wrapped(method: Function, like: Function = method): () => unknown {
  const wrapper = function (this: unknown, ...args: unknown[]): unknown {
    return method.apply(this, args);
  };
  for (const key of Reflect.getMetadataKeys(like))
    Reflect.defineMetadata(key, Reflect.getMetadata(key, like), wrapper);
  return wrapper;
}

describe.each(DOORS)('a handler that its instance has replaced ($door on $adapter)', ({ door, adapter }) => {
  const starting = (controllers: Parts['controllers'], more: Partial<Parts> = {}) =>
    start({ issuer, adapter, controllers, options: { jwks: issuer.jwks, door }, ...more });

  it('keeps the application from starting, and is named', async () => {
    @Controller('items')
    class ItemsController {
      constructor() {
        this.list = this.list.bind(this);
        Reflect.set(this, 'mine', () => reached.push('mine'));
      }
      @Get() @Public() list() {
        reached.push('list');
      }
      @Get('mine') @Authenticated() mine() {}
      @Get('other') @Authenticated() other() {}
      helper() {}
    }
    await expect(starting([ItemsController])).rejects.toThrow(
      /^ItemsController\.list is another function on the instance.*\nItemsController\.mine is another.*$/,
    );
  });

  it('is refused where the instance is one of a request, and nothing else is', async () => {
    @Controller({ path: 'items', scope: Scope.REQUEST })
    class ItemsController {
      constructor() {
        this.list = this.list.bind(this);
        Reflect.set(this, 'mine', () => reached.push('mine'));
      }
      @Get() @Public() list() {
        reached.push('list');
      }
      @Get('mine') @Authenticated() mine() {}
      @Get('other') @Authenticated() other(@CurrentCaller() { subject }: Caller) {
        return { subject };
      }
    }
    const { url } = await starting([ItemsController]);
    const headers = { ...(await signInAs(issuer, { sub: 'user|7' })) };
    for (const path of ['items', 'items/mine']) {
      const response = await fetch(`${url}/${path}`, { headers });
      expect([response.status, await response.json()]).toMatchObject([403, { code: 'ERR_NO_RULE' }]);
    }
    expect(reached).toEqual([]);
    expect(await (await fetch(`${url}/items/other`, { headers })).json()).toEqual({ subject: 'user|7' });
  });

  it('by a wrapper that copied what its decorators say has its rule', async () => {
    @Controller('items')
    class ItemsController {
      @Get() @RequirePermissions('read:items') list(@CurrentCaller() { subject }: Caller) {
        return { subject };
      }
    }
    const { url } = await starting([ItemsController], {
      prepare: (app) => {
        const controller = app.get(ItemsController);
        Reflect.set(controller, 'list', wrapped(controller.list));
      },
    });
    const as = async (permissions: string[]) =>
      fetch(`${url}/items`, { headers: { ...(await signInAs(issuer, { permissions })) } });
    expect((await fetch(`${url}/items`)).status).toBe(401);
    expect((await as([])).status).toBe(403);
    expect(await (await as(['read:items'])).json()).toEqual({ subject: 'user|1' });
  });

  it('by a wrapper that copied from another handler keeps the application from starting', async () => {
    @Controller('items')
    class ItemsController {
      @Get() @Public() list() {}
      @Get('mine') @Authenticated() mine() {}
    }
    const refused = starting([ItemsController], {
      prepare: (app) => {
        const controller = app.get(ItemsController);
        Reflect.set(controller, 'mine', wrapped(controller.mine, controller.list));
      },
    });
    await expect(refused).rejects.toThrow('ItemsController.mine is another function on the instance');
  });
});
