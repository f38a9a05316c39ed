import { connect } from 'node:net';
import { Controller, Get, Param, type Type } from '@nestjs/common';
import { Authenticated, Public, RequirePermissions } from '@portcullis/nest';
import { signInAs } from '@portcullis/nest/testing';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { start } from './app.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const reached: string[] = [];
beforeEach(() => void (reached.length = 0));

/** The status of an answer to this request line, sent as it is. */
async function status(url: string, target: string, headers: readonly string[] = []): Promise<number> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const lines = [`GET ${target} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers, '', ''];
  socket.write(lines.join('\r\n'), 'latin1');
  const answer = (await socket.setEncoding('latin1').toArray()).join('');
  return Number(answer.slice(9, 12));
}

@Controller()
class AdminController {
  @Get() @Public() home() {
    return 'home';
  }
  @Get('public') @Public() open() {
    return 'public';
  }
  @Get('admin') @RequirePermissions('administer') admin() {
    reached.push('admin');
    return 'admin';
  }
  @Get('admin/:name') @RequirePermissions('administer') one(@Param('name') name: string) {
    reached.push(name);
    return name;
  }
}

describe('CVE-2026-22753, CVE-2026-22754, CVE-2025-69211, CVE-2026-2293, GHSA-r4wm-x892-vjmx, CVE-2026-54281, GHSA-6v32-fjc9-9qf6', () => {
  const letters = [...'admin'];
  const escaped = (letter: string): string => `%${letter.charCodeAt(0).toString(16)}`;
  const spellings = [
    ...letters.map((_, at) => `/${letters.map((l, i) => (i === at ? escaped(l) : l)).join('')}`),
    `/${letters.map(escaped).join('')}`,
    ...String.raw`
      /admin /%2561dmin //admin ///admin /admin/ /admin// /./admin /public/../admin /public/%2e%2e/admin
      /public/..;/admin /admin; /admin;/ /admin;x=/public /;/admin /admin%3b /admin%3bx /admin? /admin?/public
      /admin# /admin%23 /admin%3f /admin%00 /admin%20 /admin%09 /admin%2f /admin%5c /admin\ \admin /ADMIN /Admin
      /aDmIn /admin.json /admin. /admin/x /admin/%78 /admin/.. /admin/%2e%2e /admin/..%2fpublic /admin/. /admin/*
      /public/../admin/x http://localhost/admin http://localhost//admin http://public/admin * /*
      /public%2f..%2fadmin /public?/../admin /% /admin% /admin%c0%af /%c1%a1dmin`
      .trim()
      .split(/\s+/),
  ];

  it('no spelling of a path comes to a handler by another way than its guard', async () => {
    const { url } = await start({ issuer, controllers: [AdminController] });
    const weak = await signInAs(issuer, { permissions: ['read'] });
    const strong = await signInAs(issuer, { permissions: ['administer'] });
    for (const target of spellings) {
      for (const headers of [[], [`Authorization: ${weak.authorization}`]]) {
        expect([target, await status(url, target, headers)]).toEqual([
          target,
          // 200 is the public page that the spelling does name.
          target.startsWith('/public?') ? 200 : expect.toBeOneOf([400, 401, 403, 404, 501]),
        ]);
      }
    }
    expect(reached).toEqual([]);
    for (const target of ['/admin', '/%61dmin', '/admin/x']) {
      expect(await status(url, target, [`Authorization: ${strong.authorization}`])).toBe(200);
    }
    expect(reached).toEqual(['admin', 'admin', 'x']);
  });
});

describe('CVE-2025-41248, CVE-2025-41232', () => {
  class Base {
    @Get('declared') @RequirePermissions('a:b') declared(): string {
      return 'declared';
    }
    @Get('overridden') @RequirePermissions('a:b') overridden(): string {
      return 'base';
    }
  }

  abstract class Generic<Item> {
    abstract item(): Item;
    @Get('item') @RequirePermissions('a:b') get(): Item {
      return this.item();
    }
  }

  function mixed(parent: typeof Base) {
    class Mixed extends parent {
      @Get('mixed') @RequirePermissions('a:b') mixed(): string {
        return 'mixed';
      }
    }
    return Mixed;
  }

  @Controller('sub')
  class Sub extends Base {
    override overridden(): string {
      return 'sub';
    }
  }

  @Controller('sub-sub')
  class SubSub extends Sub {
    @Get('overridden') override overridden(): string {
      return 'sub-sub';
    }
  }

  @Controller('generic')
  class Words extends Generic<string> {
    override item(): string {
      return 'word';
    }
  }

  @Controller('mixin')
  @Authenticated()
  class WithMixin extends mixed(Base) {}

  it.each<[string, string]>([
    ['inherited', 'sub/declared'],
    ['inherited from a parent’s parent', 'sub-sub/declared'],
    ['overridden with its route again', 'sub-sub/overridden'],
    ['of a generic parent', 'generic/item'],
    ['of a mixin', 'mixin/mixed'],
    ['inherited through a mixin', 'mixin/declared'],
  ])('a method that is %s keeps its rule', async (_name, path) => {
    const controllers: readonly Type[] = [Sub, SubSub, Words, WithMixin];
    const { url } = await start({ issuer, controllers });
    const answer = async (claims?: Record<string, unknown>): Promise<number> =>
      (await fetch(`${url}/${path}`, { headers: claims ? { ...(await signInAs(issuer, claims)) } : {} }))
        .status;
    expect(await answer()).toBe(401);
    expect(await answer({})).toBe(403);
    expect(await answer({ permissions: ['a:b'] })).toBe(200);
  });

  it('an override without decorators is not reached without the rule of what it overrides', async () => {
    const { url } = await start({ issuer, controllers: [Sub] });
    const path = `${url}/sub/overridden`;
    const strong = { ...(await signInAs(issuer, { permissions: ['a:b'] })) };
    expect((await fetch(path)).status).toBeOneOf([401, 404]);
    expect((await fetch(path, { headers: { ...(await signInAs(issuer)) } })).status).toBeOneOf([403, 404]);
    expect((await fetch(path, { headers: strong })).status).toBeOneOf([200, 404]);
  });

  it('a route that inherits no rule stops the application from starting', async () => {
    class Silent {
      @Get('silent') silent(): void {}
    }
    @Controller('heir')
    class Heir extends Silent {}
    await expect(start({ issuer, controllers: [Heir] })).rejects.toThrow(/Heir\.silent/);
    await expect(start({ issuer, controllers: [Sub] })).resolves.toBeDefined();
  });
});
