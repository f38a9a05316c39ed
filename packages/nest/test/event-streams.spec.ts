import { Controller, Get, Sse } from '@nestjs/common';
import {
  Authenticated,
  CurrentCaller,
  OptionalAuthentication,
  Public,
  RequirePermissions,
  type Caller,
  type PortcullisOptions,
} from '@portcullis/nest';
import { createDpopClient, createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { createDenyList } from '@portcullis/tokens';
import { map, startWith, Subject, type Observable } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { doors, startDoor, type Cell } from './doors/start-door.ts';
import { revocations } from './revocations.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const dishes = new Subject<string>();
const served = (first: string): Observable<{ data: string }> =>
  dishes.pipe(
    startWith(first),
    map((data) => ({ data })),
  );

@Controller('served')
class ServedController {
  @Sse('mine') @Authenticated() mine(@CurrentCaller() { subject }: Caller) {
    return served(subject);
  }
  @Sse('costs') @RequirePermissions('read:costs') costs() {
    return served('costs');
  }
  @Sse('optional') @OptionalAuthentication() optional() {
    return served('anybody');
  }
  @Sse('public') @Public() open() {
    return served('anybody');
  }
  @Get('once') @Authenticated() once() {
    return {};
  }
}

const CELLS: readonly Cell[] = (Object.keys(doors) as Cell['door'][]).flatMap((door) =>
  (['fastify', 'express'] as const).map((adapter) => ({ door, adapter })),
);

describe.each(CELLS)('a stream of server-sent events, behind the $door on $adapter', (cell) => {
  async function start(options: Partial<PortcullisOptions> = {}) {
    const { url, close } = await startDoor(cell, [ServedController], {
      issuer: issuer.issuer,
      audience: issuer.audience,
      clockTolerance: 0,
      ...options,
    });
    onTestFinished(() => close());
    return async (path: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${url}/served/${path}`, { headers });
      return { status: answer.status, next: reading(answer) };
    };
  }

  const bearer = async (claims: Record<string, unknown> = {}) => ({
    authorization: `Bearer ${await issuer.accessToken({ sub: 'user|7', ...claims })}`,
  });

  it('ends when the token expires, without an event', async () => {
    const open = await start();
    const exp = Math.floor(Date.now() / 1000) + 2;
    const { next } = await open('mine', await bearer({ exp }));
    expect(await next()).toBe('user|7');
    expect(await next()).toBe('the end');
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(exp);
    expect((await open('mine', await bearer({ exp }))).status).toBe(401);
  });

  it('ends as soon as the token is denied, without an event', async () => {
    const source = revocations();
    const denyList = createDenyList({ source });
    onTestFinished(() => denyList.close());
    await denyList.ready();
    const open = await start({ denyList });
    const { next } = await open('optional', await bearer({ jti: 'one' }));
    const other = await open('mine', await bearer({ jti: 'two' }));
    expect([await next(), await other.next()]).toEqual(['anybody', 'user|7']);
    source.deny({ issuer: issuer.issuer, by: 'token', value: 'one', expiresAt: Date.now() / 1000 + 600 });
    expect(await next()).toBe('the end');
    dishes.next('pie');
    expect(await other.next()).toBe('pie');
  });

  it('tells nothing more once a permission was withdrawn', async () => {
    const held = { names: new Set(['read:costs']) };
    const permissionsOf = () => ({ names: held.names, sources: new Map(), withheld: new Set<string>() });
    const open = await start({ permissions: { permissionsOf } });
    const { next } = await open('costs', await bearer());
    expect(await next()).toBe('costs');
    dishes.next('seven');
    expect(await next()).toBe('seven');
    held.names = new Set();
    dishes.next('eight');
    expect(await next()).toBe('the end');
  });

  it('ends, and says nothing of why, when it cannot be told who may', async () => {
    const held = { broken: false };
    const permissionsOf = () => {
      if (held.broken) throw new Error('the password of the store is hunter2');
      return { names: new Set(['read:costs']), sources: new Map(), withheld: new Set<string>() };
    };
    const open = await start({ permissions: { permissionsOf } });
    const { next } = await open('costs', await bearer());
    expect(await next()).toBe('costs');
    held.broken = true;
    dishes.next('eight');
    expect(await next()).toBe('the end');
  });

  it('goes on for a token whose proof was good once', async () => {
    const publicUrl = 'https://menu.example';
    const used = new Set<string>();
    const replayStore = { remember: (key: string) => used.size < used.add(key).size };
    const open = await start({ dpop: { publicUrl, replayStore } });
    const client = await createDpopClient();
    const token = await issuer.accessToken({ sub: 'user|7', cnf: { jkt: client.jkt } });
    const dpop = client.proof({ method: 'GET', url: `${publicUrl}/served/mine`, token });
    const headers = { authorization: `DPoP ${token}`, dpop };
    const { next } = await open('mine', headers);
    expect(await next()).toBe('user|7');
    dishes.next('pie');
    expect(await next()).toBe('pie');
    expect((await open('mine', headers)).status).toBe(401);
  });

  it('of nobody goes on where anybody may', async () => {
    const open = await start();
    for (const path of ['public', 'optional']) {
      const { next } = await open(path);
      expect(await next()).toBe('anybody');
      dishes.next('pie');
      expect(await next()).toBe('pie');
    }
    expect((await open('mine')).status).toBe(401);
    expect((await open('costs', await bearer())).status).toBe(403);
  });
});

/** The data of one event after the other. */
function reading({ body }: Response): () => Promise<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  onTestFinished(() => reader?.cancel());
  let heard = '';
  return async () => {
    for (;;) {
      const [event, data] = /^.*?data: ([^\n]*)\n\n/s.exec(heard) ?? [];
      if (event !== undefined && data !== undefined) {
        heard = heard.slice(event.length);
        return data;
      }
      const part = await reader?.read();
      if (part === undefined || part.done) return 'the end';
      heard += part.value;
    }
  };
}
