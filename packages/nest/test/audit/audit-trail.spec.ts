import { ConsoleLogger, Controller, Get, Post } from '@nestjs/common';
import {
  AuditTrail,
  Public,
  RequireAnyPermission,
  RequirePermissions,
  type AuditEvent,
} from '@portcullis/nest';
import { createTestIssuer, spoiled, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { DOORS, start } from '../app.ts';

@Controller('items')
class ItemsController {
  @Get() @RequirePermissions('read:items') list() {
    return [];
  }
  @Post() @RequirePermissions('create:items') create() {
    return {};
  }
  @Post('suggestions') @Public() suggest() {
    return {};
  }
  @Post('any') @RequireAnyPermission('create:items', 'manage:items') any() {
    return {};
  }
}

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer()));
afterAll(() => issuer.stop());

/** An application that writes its audit trail down. */
async function audited() {
  const events: AuditEvent[] = [];
  const trail = new AuditTrail({ sink: { record: (event) => void events.push(event) } });
  const { app, url } = await start({
    issuer,
    controllers: [ItemsController],
    options: { accessObserver: trail },
  });
  return { app, url, events };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const post = (url: string, headers: Record<string, string>) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{}' });

const somebody = {
  issuer: expect.any(String),
  subject: 'user|7',
  client: 'wab-dashboard',
  kind: 'user',
  via: 'bearer',
};

describe('the audit trail', () => {
  it('tells of a permitted write: who, through which client, by which permission, where, in which request', async () => {
    const { url, events } = await audited();
    const token = await issuer.accessToken({
      sub: 'user|7',
      client_id: 'wab-dashboard',
      permissions: ['create:items'],
    });
    expect((await post(`${url}/items`, bearer(token))).status).toBe(201);
    expect(events).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        outcome: 'permitted',
        context: 'http',
        handler: 'ItemsController.create',
        method: 'POST',
        requestId: expect.any(String),
        permissions: ['create:items'],
        anyPermissionOf: [],
        ...somebody,
      },
    ]);
  });

  it.each(DOORS)(
    'names the request as the application does: $door on $adapter',
    async ({ door, adapter }) => {
      const events: AuditEvent[] = [];
      const trail = new AuditTrail({ sink: { record: (event) => void events.push(event) } });
      const ids: unknown[] = [];
      const { url } = await start({
        issuer,
        controllers: [ItemsController],
        options: { accessObserver: trail, door },
        adapter,
        prepare: (app) =>
          void app.use((request: { id?: unknown }, _response: unknown, next: () => void) => {
            request.id ??= 'req-of-mine'; // Fastify has given one
            ids.push(request.id);
            next();
          }),
      });
      await fetch(`${url}/items`);
      expect(ids).toEqual([expect.any(String)]);
      expect(events.map(({ requestId }) => requestId)).toEqual(ids);
    },
  );

  it('tells of a denial, whatever the method: what was asked for, what was lacking and what was answered', async () => {
    const { url, events } = await audited();
    const token = await issuer.accessToken({ sub: 'user|7', client_id: 'wab-dashboard', permissions: [] });
    expect((await fetch(`${url}/items`, { headers: bearer(token) })).status).toBe(403);
    expect((await post(`${url}/items/any`, bearer(token))).status).toBe(403);
    expect(events).toMatchObject([
      {
        outcome: 'denied',
        handler: 'ItemsController.list',
        method: 'GET',
        permissions: ['read:items'],
        missingPermissions: ['read:items'],
        status: 403,
        code: 'ERR_INSUFFICIENT_PERMISSIONS',
        ...somebody,
      },
      { handler: 'ItemsController.any', permissions: [], anyPermissionOf: ['create:items', 'manage:items'] },
    ]);
  });

  it('does not tell of what was permitted and only read', async () => {
    const { url, events } = await audited();
    const token = await issuer.accessToken({ permissions: ['read:items'] });
    expect((await fetch(`${url}/items`, { headers: bearer(token) })).status).toBe(200);
    expect((await fetch(`${url}/items`, { method: 'HEAD', headers: bearer(token) })).status).toBe(200);
    expect(events).toEqual([]);
  });

  it('tells of a write by anybody where the route is public, and of nobody in it', async () => {
    const { url, events } = await audited();
    expect((await post(`${url}/items/suggestions`, bearer('whatever'))).status).toBe(201);
    expect(events).toMatchObject([{ outcome: 'permitted', handler: 'ItemsController.suggest' }]);
    expect(events[0]).not.toHaveProperty('subject');
  });

  it('holds no part of a credential, good or bad, and nothing of the address', async () => {
    const { url, events } = await audited();
    const token = await issuer.accessToken({ permissions: ['create:items'] });
    const bad = spoiled.signature(token);
    await post(`${url}/items?access=secret`, bearer(token));
    await post(`${url}/items?access=secret`, bearer(bad));
    await post(`${url}/items`, { authorization: 'Basic c2VjcmV0' });
    expect(events.map(({ outcome }) => outcome)).toEqual(['permitted', 'denied', 'denied']);
    const written = JSON.stringify(events);
    for (const part of [...token.split('.'), ...bad.split('.'), 'c2VjcmV0', 'secret'])
      expect(written).not.toContain(part);
  });

  it('counts a flood of failed logins: ten are written, and how many more there were when the application stops', async () => {
    const { app, url, events } = await audited();
    for (let attempt = 0; attempt < 25; attempt++)
      expect((await fetch(`${url}/items`, { headers: bearer(`wrong.${attempt}.x`) })).status).toBe(401);
    expect(events).toHaveLength(10);
    await app.close();
    expect(events).toHaveLength(11);
    expect(events[10]).toMatchObject({ outcome: 'denied', handler: 'ItemsController.list', notWritten: 15 });
    expect(events[10]).not.toHaveProperty('requestId');
  });

  it('lets the flood of one caller hide nothing of another, and no flood a write', async () => {
    const { url, events } = await audited();
    const flooding = bearer(await issuer.accessToken({ sub: 'flood', permissions: ['create:items'] }));
    const other = bearer(await issuer.accessToken({ sub: 'other', permissions: [] }));
    for (let attempt = 0; attempt < 12; attempt++) await fetch(`${url}/items`, { headers: flooding });
    await fetch(`${url}/items`, { headers: other });
    for (let attempt = 0; attempt < 12; attempt++) await post(`${url}/items`, flooding);
    const of = (subject: string, outcome: string) =>
      events.filter((event) => event.subject === subject && event.outcome === outcome).length;
    expect(of('flood', 'denied')).toBe(12);
    expect(of('other', 'denied')).toBe(1);
    expect(of('flood', 'permitted')).toBe(12);
  });

  it('goes to the log of Nest unless it is told where: one JSON object a line', async () => {
    const lines: unknown[] = [];
    class Recording extends ConsoleLogger {
      override log(message: unknown, context?: string): void {
        if (context === 'Audit') lines.push(message);
      }
    }
    const { url } = await start({
      issuer,
      controllers: [ItemsController],
      options: { accessObserver: [new AuditTrail()] },
      logger: new Recording(),
    });
    await fetch(`${url}/items`);
    expect(lines.map((line) => JSON.parse(String(line)))).toMatchObject([
      { outcome: 'denied', status: 401, code: 'ERR_NO_CREDENTIAL' },
    ]);
  });

  it('of which a sink that fails is a process warning, and changes no answer', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const failing = new AuditTrail({
      sink: {
        record: () => {
          throw new Error('disk full');
        },
      },
    });
    const rejecting = new AuditTrail({ sink: { record: () => Promise.reject(new Error('no database')) } });
    const options = { accessObserver: [failing, rejecting] };
    const { url } = await start({ issuer, controllers: [ItemsController], options });
    expect((await fetch(`${url}/items`)).status).toBe(401);
    await vi.waitFor(() =>
      expect(warnings.map(({ message }) => message)).toEqual([
        'an audit sink threw: disk full',
        'an audit sink threw: no database',
      ]),
    );
  });

  it('refuses a sink that takes no events', () => {
    expect(() => Reflect.construct(AuditTrail, [{ sink: {} }])).toThrow(/"sink" must have a method record/);
  });
});
