import { Controller, Get } from '@nestjs/common';
import { Authenticated } from '@portcullis/nest';
import { createDpopClient, createTestIssuer, faults, spoiled, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { start, type Parts } from './app.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

@Controller('items')
class ItemsController {
  @Get() @Authenticated() list() {
    return [];
  }
}

async function api(options: NonNullable<Parts['options']> = {}) {
  const logger = { log: vi.fn(), error: vi.fn(), warn: vi.fn() };
  const { url } = await start({ issuer, controllers: [ItemsController], options, logger });
  return async (authorization: string, headers: Readonly<Record<string, string>> = {}) => {
    logger.log.mockClear();
    const response = await fetch(`${url}/items`, { headers: { ...headers, authorization } });
    return {
      status: response.status,
      sent: `${JSON.stringify([...response.headers])} ${await response.text()}`,
      logged: JSON.stringify(logger.log.mock.calls),
    };
  };
}

describe('a hint for whoever runs the API', () => {
  it('is logged with the refusal, and not sent: a token bound by DPoP where that is not taken', async () => {
    const get = await api();
    const { jkt } = await createDpopClient();
    const token = await issuer.accessToken({ cnf: { jkt } });
    const { status, sent, logged } = await get(`Bearer ${token}`);
    expect(status).toBe(401);
    expect(logged).toContain('refused ItemsController.list: 401 ERR_BINDING_REFUSED');
    expect(logged).toContain('Set the option');
    expect(sent).toContain('ERR_BINDING_REFUSED');
    expect(sent).not.toContain('Set the option');
    expect(logged).not.toContain(token);
    expect((await get(`Bearer ${await issuer.accessToken()}`)).status).toBe(200);
  });

  it('is logged with the refusal, and not sent: a proof for another address than the configured one', async () => {
    const used = new Set<string>();
    const publicUrl = 'https://menu-api.example.com';
    const replayStore = { remember: (key: string) => used.size < used.add(key).size };
    const get = await api({ dpop: { publicUrl, replayStore } });
    const client = await createDpopClient();
    const token = await issuer.accessToken({ cnf: { jkt: client.jkt } });
    const proof = (url: string): string => client.proof({ method: 'GET', url, token });
    const wrong = proof('https://evil.example/items');
    const { status, sent, logged } = await get(`DPoP ${token}`, { dpop: wrong });
    expect(status).toBe(401);
    expect(logged).toContain('publicUrl');
    expect(sent).not.toContain('publicUrl');
    for (const text of [token, wrong, 'evil.example']) expect(logged).not.toContain(text);
    expect((await get(`DPoP ${token}`, { dpop: proof(`${publicUrl}/items`) })).status).toBe(200);
  });

  it('is logged with the refusal, and not sent: an endpoint that refuses this API itself', async () => {
    const { clientId, clientSecret } = issuer.introspectionClient;
    const introspection = { authentication: { clientId, clientSecret } };
    const get = await api({ tokenFormat: 'opaque', introspection });
    const token = issuer.opaqueToken();
    issuer.answerIntrospectionWith(faults.status(401));
    onTestFinished(() => issuer.answerIntrospectionWith(undefined));
    const { status, sent, logged } = await get(`Bearer ${token}`);
    expect(status).toBe(503);
    expect(logged).toContain('introspection.authentication');
    for (const inside of ['introspection.authentication', issuer.issuer]) expect(sent).not.toContain(inside);
    for (const secret of [token, clientSecret]) expect(logged).not.toContain(secret);
    issuer.answerIntrospectionWith(undefined);
    expect((await get(`Bearer ${token}`)).status).toBe(200);
  });

  it('is not made up where there is none', async () => {
    const get = await api();
    const { status, logged } = await get(`Bearer ${spoiled.signature(await issuer.accessToken())}`);
    expect(status).toBe(401);
    expect(logged).toContain("ERR_SIGNATURE_INVALID the access token's signature does not verify");
    expect(logged).not.toContain('undefined');
  });
});
