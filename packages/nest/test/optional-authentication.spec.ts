import { Controller, Get } from '@nestjs/common';
import {
  Authenticated,
  CurrentCaller,
  OptionalAuthentication,
  RecentLogin,
  type Caller,
} from '@portcullis/nest';
import { signInAs } from '@portcullis/nest/testing';
import { createTestIssuer, spoiled, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadIssuer, start } from './app.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

@Controller()
@OptionalAuthentication()
class MenuController {
  @Get('greeting') greeting(@CurrentCaller({ optional: true }) caller: Caller | undefined) {
    return { hello: caller?.subject ?? 'stranger' };
  }
  @Get('account') @Authenticated() account(@CurrentCaller() caller: Caller) {
    return { hello: caller.subject };
  }
  @Get('recent') @RecentLogin(60) recent() {}
}

const controllers = [MenuController];

describe('@OptionalAuthentication', () => {
  it('lets anybody in, and knows whoever is signed in', async () => {
    const { url } = await start({ issuer, controllers });
    const asked = async (headers: Record<string, string> = {}) =>
      (await fetch(`${url}/greeting`, { headers })).json();
    expect(await asked()).toEqual({ hello: 'stranger' });
    expect(await asked({ ...(await signInAs(issuer, { sub: 'user|7' })) })).toEqual({ hello: 'user|7' });
    expect(await asked({ ...(await signInAs(issuer, { sub: 'test-client' })) })).toEqual({
      hello: 'test-client',
    });
  });

  it.each<[string, number, string, () => Promise<string>]>([
    ['garbage', 401, 'ERR_TOKEN_MALFORMED', async () => 'Bearer garbage'],
    [
      'an expired token',
      401,
      'ERR_TOKEN_EXPIRED',
      async () => `Bearer ${await issuer.accessToken({ exp: 1 })}`,
    ],
    [
      'a token with a wrong signature',
      401,
      'ERR_SIGNATURE_INVALID',
      async () => `Bearer ${spoiled.signature(await issuer.accessToken())}`,
    ],
    [
      'a token for another API',
      401,
      'ERR_AUDIENCE_MISMATCH',
      async () => `Bearer ${await issuer.accessToken({ aud: 'https://other.example' })}`,
    ],
    ['a header that breaks the grammar', 400, 'ERR_CREDENTIAL_REQUEST', async () => 'Bearer a b c'],
  ])('refuses %s with %i: nobody becomes anonymous by it', async (_case, status, code, authorization) => {
    const { url } = await start({ issuer, controllers });
    const response = await fetch(`${url}/greeting`, { headers: { authorization: await authorization() } });
    expect(await response.json()).toMatchObject({ status, code });
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
  });

  it('is 503 while keys cannot be had, and still open without a credential', async () => {
    const dead = { issuer: await deadIssuer(), audience: issuer.audience };
    const { url } = await start({ issuer: dead, controllers });
    const headers = { ...(await signInAs(issuer, { iss: dead.issuer })) };
    const response = await fetch(`${url}/greeting`, { headers });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await fetch(`${url}/greeting`)).status).toBe(200);
  });

  it('of a class gives way to what a method asks for', async () => {
    const { url } = await start({ issuer, controllers });
    expect((await fetch(`${url}/account`)).status).toBe(401);
    expect((await fetch(`${url}/recent`)).status).toBe(401);
    const fresh = { ...(await signInAs(issuer, { auth_time: Math.floor(Date.now() / 1000) })) };
    expect((await fetch(`${url}/recent`, { headers: fresh })).status).toBe(200);
  });
});
