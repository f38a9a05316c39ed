import { Controller, Get, Inject, Injectable, Scope } from '@nestjs/common';
import { Authenticated, CurrentCaller, type Caller } from '@portcullis/nest';
import { signInAs } from '@portcullis/nest/testing';
import { createTestIssuer, spoiled, type TestIssuer } from '@portcullis/testing';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { start } from './app.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

@Injectable({ scope: Scope.REQUEST })
class Ticket {}

@Controller('who')
class WhoController {
  @Get() @Authenticated() async who(@CurrentCaller() caller: Caller) {
    await new Promise((resolve) => setImmediate(resolve));
    return { subject: caller.subject, permissions: [...caller.permissions] };
  }
}

@Controller('scoped')
class ScopedController {
  constructor(@Inject(Ticket) readonly ticket: Ticket) {}
  @Get() @Authenticated() who(@CurrentCaller() caller: Caller) {
    return { subject: caller.subject, permissions: [...caller.permissions] };
  }
}

async function get(agent: Agent, url: string, authorization?: string) {
  const sent = request(url, { agent, headers: authorization === undefined ? {} : { authorization } });
  const answered = once(sent, 'response');
  sent.end();
  const [response] = (await answered) as [IncomingMessage];
  const { localPort } = response.socket;
  const text = (await response.setEncoding('utf8').toArray()).join('');
  return { status: response.statusCode, body: JSON.parse(text) as unknown, localPort };
}

describe.each(['who', 'scoped'])('many callers on few connections (/%s)', (path) => {
  const setUp = async (maxSockets: number) => {
    const { url } = await start({
      issuer,
      controllers: [WhoController, ScopedController],
      providers: [Ticket],
    });
    const agent = new Agent({ keepAlive: true, maxSockets });
    onTestFinished(() => agent.destroy());
    return (authorization?: string) => get(agent, `${url}/${path}`, authorization);
  };

  it('never get each other’s answer, 300 at once', async () => {
    const ask = await setUp(4);
    const people = await Promise.all(
      Array.from({ length: 20 }, async (_, number) => {
        const claims = { sub: `user|${number}`, permissions: [`own:${number}`] };
        return { ...claims, ...(await signInAs(issuer, claims)) };
      }),
    );
    const answers = await Promise.all(
      Array.from({ length: 300 }, async (_, turn) => {
        const person = turn % 7 === 6 ? undefined : people[(turn * 13) % people.length];
        const { status, body, localPort } = await ask(person?.authorization);
        if (person)
          expect({ status, body }).toEqual({
            status: 200,
            body: { subject: person.sub, permissions: person.permissions },
          });
        else expect(status).toBe(401);
        return localPort;
      }),
    );
    expect(new Set(answers).size).toBeLessThanOrEqual(4);
  });

  it('are judged each alone, in turn on one connection', async () => {
    const ask = await setUp(1);
    const { authorization: a } = await signInAs(issuer, { sub: 'user|a' });
    const { authorization: b } = await signInAs(issuer, { sub: 'user|b' });
    const turns = [a, undefined, b, spoiled.signature(a), a, 'Bearer', b];
    const seen: unknown[] = [];
    const ports = new Set<unknown>();
    for (const turn of turns) {
      const { status, body, localPort } = await ask(turn);
      seen.push(status === 200 ? body : status);
      ports.add(localPort);
    }
    const [asA, asB] = ['user|a', 'user|b'].map((subject) => ({ subject, permissions: [] }));
    expect(seen).toEqual([asA, 401, asB, 401, asA, 400, asB]);
    expect(ports.size).toBe(1);
  });
});
