import { Controller, Get, Param, Post } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Public, RequirePermissions } from '@portcullis/nest';
import { signInAs } from '@portcullis/nest/testing';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import express from 'express';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { start, type Parts } from './app.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const reached: string[] = [];
beforeEach(() => void (reached.length = 0));

@Controller('items')
class ItemsController {
  @Get() @Public() list() {
    return [];
  }
  @Get('secret') @RequirePermissions('read:secret') secret() {
    reached.push('secret');
    return 'secret';
  }
  @Get('secret/:id') @RequirePermissions('read:secret') one(@Param('id') id: string) {
    reached.push(id);
    return 'secret';
  }
  @Post('secret') @RequirePermissions('read:secret') write() {
    reached.push('write');
  }
}

async function raw(url: string, line: string, headers: readonly string[] = []): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write([line, ...headers, 'Host: localhost', 'Connection: close', '', ''].join('\r\n'));
  return (await socket.setEncoding('latin1').toArray()).join('');
}

const targets = [
  '/items/secret',
  '//items/secret',
  '/items//secret',
  '/items/secret/',
  '/items/secret//',
  '/items/secret?',
  '/items/secret?x=/items',
  '/items/secret;x=1',
  '/items/secret#',
  '/items/secret%00',
  '/items/secret%20',
  '/items/%73ecret',
  '/items/%2573ecret',
  '/items%2fsecret',
  '/items/./secret',
  '/items/../items/secret',
  '/%69tems/secret',
  '/ITEMS/SECRET',
  '/Items/Secret',
  '/items/secret/1',
  '/items/secret/%2e%2e',
  '/items/secret/..',
  '/items/secret/%2f',
  '/items\\secret',
  '/items/secret.json',
  'http://localhost/items/secret',
  'http://elsewhere.example/items/secret',
];
const methods = ['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'PROPFIND', 'QUERY'];

const loose = { caseSensitive: false, ignoreTrailingSlash: true, ignoreDuplicateSlashes: true };
const strict = (): ExpressAdapter => {
  const app = express();
  app.enable('case sensitive routing');
  app.enable('strict routing');
  return new ExpressAdapter(app);
};
const routers: readonly [string, () => Parts['adapter']][] = [
  ['Fastify', () => 'fastify'],
  ['Fastify, loose about case and slashes', () => new FastifyAdapter({ routerOptions: loose })],
  ['Express', () => 'express'],
  ['Express, strict about case and slashes', strict],
];
const doors = (['guard', 'middleware'] as const).flatMap((door) =>
  routers.map(([router, adapter]) => ({ door, router, adapter })),
);

describe.each(doors)('the $door on $router', ({ door, adapter }) => {
  const listen = () =>
    start({ issuer, controllers: [ItemsController], options: { door }, adapter: adapter() ?? 'fastify' });

  it.each(methods)('is passed by no spelling of an address, with %s', async (method) => {
    const { url } = await listen();
    for (const target of targets) {
      const answer = await raw(url, `${method} ${target} HTTP/1.1`, ['Content-Length: 0']);
      const status = Number(answer.slice(9, 12));
      // Express answers OPTIONS itself with the methods of an address, and no handler is asked.
      const allowed = method === 'OPTIONS' ? [200, 204] : [];
      expect([target, status]).toEqual([target, expect.toBeOneOf([400, 401, 403, 404, 405, ...allowed])]);
    }
    expect(reached).toEqual([]);
  });

  it('lets through whoever may, and nobody else, in whatever spelling the router takes', async () => {
    const { url } = await listen();
    const { authorization } = await signInAs(issuer, { permissions: ['read:secret'] });
    for (const target of targets)
      await raw(url, `GET ${target} HTTP/1.1`, [`Authorization: ${authorization}`]);
    expect(reached).toEqual(expect.arrayContaining(['secret', '1']));
    reached.length = 0;
    const powerless = await signInAs(issuer);
    for (const target of targets)
      await raw(url, `GET ${target} HTTP/1.1`, [`Authorization: ${powerless.authorization}`]);
    expect(reached).toEqual([]);
  });

  it('stands before HEAD as before GET', async () => {
    const { url } = await listen();
    const head = async (headers: Record<string, string> = {}) =>
      (await fetch(`${url}/items/secret`, { method: 'HEAD', headers })).status;
    expect(await head()).toBe(401);
    expect(await head({ ...(await signInAs(issuer)) })).toBe(403);
    expect(reached).toEqual([]);
    expect(await head({ ...(await signInAs(issuer, { permissions: ['read:secret'] })) })).toBe(200);
    expect(reached).toEqual(['secret']);
  });

  it('does not listen to headers that speak of another method or address', async () => {
    const { url } = await listen();
    for (const header of [
      'X-HTTP-Method-Override: GET',
      'X-Original-URL: /items',
      'X-Rewrite-URL: /items',
      'X-Forwarded-Prefix: /items',
      'X-Forwarded-For: 127.0.0.1',
      'Accept-Version: 0',
    ]) {
      for (const line of ['GET /items/secret HTTP/1.1', 'POST /items/secret HTTP/1.1']) {
        const answer = await raw(url, line, [header, 'Content-Length: 0']);
        expect([header, line, answer.slice(0, 12)]).toEqual([
          header,
          line,
          expect.toBeOneOf(['HTTP/1.1 401', 'HTTP/1.1 404']),
        ]);
      }
    }
    expect(reached).toEqual([]);
  });
});
