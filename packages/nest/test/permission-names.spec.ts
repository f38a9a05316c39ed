import { Controller, Get, Post } from '@nestjs/common';
import {
  CurrentCaller,
  permissionDecorators,
  RequireAnyPermission as RequireAny,
  RequirePermissions as Require,
  type Caller,
} from '@portcullis/nest';
import { signInAs } from '@portcullis/nest/testing';
import { createInProcessIssuer, type InProcessIssuer } from '@portcullis/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { start, type Parts } from './app.ts';

const PERMISSIONS = ['create:items', 'delete:items'] as const;
const { RequirePermissions, RequireAnyPermission, holds } = permissionDecorators(PERMISSIONS);

let issuer: InProcessIssuer;
beforeAll(async () => void (issuer = await createInProcessIssuer()));

const starting = (controllers: Parts['controllers'], declaredPermissions?: readonly string[]) =>
  start({
    issuer,
    controllers,
    options: { jwks: issuer.jwks, ...(declaredPermissions ? { declaredPermissions } : {}) },
  });

@Controller()
class ItemsController {
  @Post('all') @RequirePermissions('create:items', 'delete:items') all() {}
  @Post('any') @RequireAnyPermission('create:items', 'delete:items') any(@CurrentCaller() caller: Caller) {
    return { mayDelete: holds(caller, 'delete:items') };
  }
}

describe('decorators of declared permissions', () => {
  it('guard as the plain ones do', async () => {
    const { url } = await starting([ItemsController], PERMISSIONS);
    const asked = async (path: string, ...permissions: readonly string[]) =>
      fetch(`${url}/${path}`, { method: 'POST', headers: { ...(await signInAs(issuer, { permissions })) } });
    expect((await asked('all', 'create:items')).status).toBe(403);
    expect((await asked('all', 'create:items', 'delete:items')).status).toBe(201);
    expect((await asked('any')).status).toBe(403);
    expect(await (await asked('any', 'create:items')).json()).toEqual({ mayDelete: false });
    expect(await (await asked('any', 'delete:items')).json()).toEqual({ mayDelete: true });
    expect(holds(undefined, 'create:items')).toBe(false);
  });

  it('refuse a name that the compiler did not see, where it stands', () => {
    const misspelt: string = 'create:itmes';
    expect(() => Reflect.apply(RequirePermissions, undefined, ['create:items', misspelt])).toThrow(
      '"create:itmes" is none of the permissions create:items, delete:items',
    );
    expect(() => Reflect.apply(RequireAnyPermission, undefined, [misspelt])).toThrow(TypeError);
    expect(() => Reflect.apply(holds, undefined, [undefined, misspelt])).toThrow(TypeError);
    expect(() => permissionDecorators([])).toThrow(TypeError);
  });
});

describe('declaredPermissions', () => {
  @Controller()
  class MisspeltController {
    @Get('all') @Require('create:items', 'create:itmes') all() {}
    @Get('any') @RequireAny('delete:itmes') any() {}
    @Get('fine') @Require('delete:items') fine() {}
  }

  it('refuse to start with any other name, and say where it is', async () => {
    await expect(starting([MisspeltController], PERMISSIONS)).rejects.toThrow(
      [
        'These declarations cannot be meant:',
        '  MisspeltController.all requires "create:itmes", which is not among the declaredPermissions',
        '  MisspeltController.any requires "delete:itmes", which is not among the declaredPermissions',
      ].join('\n'),
    );
  });

  it('are optional: without them the plain decorators take any string', async () => {
    const { url } = await starting([MisspeltController]);
    expect((await fetch(`${url}/all`)).status).toBe(401);
  });
});
