import { createHash } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Browser } from './support/browser.ts';
import { addClient } from './support/clients.ts';
import {
  answerForDevice,
  approveDevice,
  logInThere,
  openDeviceLink,
  typeUserCode,
} from './support/device.ts';
import { ADMIN, startForTest } from './support/identity.ts';
import { formAction, formToken, MENU_API, token, type Tokens } from './support/login.ts';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

interface Device {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri_complete: string;
}

let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;

beforeAll(async () => {
  identity = await startForTest(
    {},
    {
      prepare: (db) =>
        addClient(db, { id: 'television', kind: 'browser', secretHash: null, grantTypes: [DEVICE_CODE] }),
    },
  );
  issuer = identity.url;
});
afterAll(() => identity.stop());
afterEach(() => void vi.useRealTimers());

const ask = (spoiled: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  fetch(`${issuer}oauth/device/code`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({
      client_id: 'wab-cli',
      scope: 'openid create:items',
      audience: MENU_API,
      ...spoiled,
    }),
  });

const start = async (spoiled: Record<string, string> = {}) => (await (await ask(spoiled)).json()) as Device;

const poll = (device: Device, spoiled: Record<string, string> = {}) =>
  token(issuer, {
    grant_type: DEVICE_CODE,
    client_id: 'wab-cli',
    device_code: device.device_code,
    ...spoiled,
  });

const refusal = async (response: Response) => [
  response.status,
  ((await response.json()) as { error: string }).error,
];

describe('a device', () => {
  it('is told where to send its user, and how often to ask', async () => {
    const response = await ask();
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      device_code: expect.stringMatching(/^[\w-]{43}$/),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: `${issuer}activate`,
      verification_uri_complete: expect.stringMatching(/\/activate\?user_code=/),
      expires_in: 600,
      interval: 5,
    });
  });

  it('may ask in JSON, as Auth0’s do', async () => {
    const response = await fetch(`${issuer}oauth/device/code`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ client_id: 'wab-cli', scope: 'openid', audience: MENU_API }),
    });
    expect(response.status).toBe(200);
  });

  it.each([
    ['an unknown client', { client_id: 'unknown' }, [401, 'invalid_client']],
    ['a client without the grant type', { client_id: 'supper-club' }, [400, 'unauthorized_client']],
    ['an unknown API', { audience: 'https://unknown.example.com' }, [400, 'invalid_target']],
    ['the character NUL', { scope: 'openid a\0b' }, [400, 'invalid_scope']],
    ['the character NUL in what nobody looks at', { login_hint: 'a\0b' }, [400, 'invalid_request']],
  ])('with %s is refused', async (_name, spoiled, expected) => {
    expect(await refusal(await ask(spoiled))).toEqual(expected);
  });

  it('that asks before its user has answered is told to wait, and to slow down when it asks too often', async () => {
    const device = await start();
    expect(await refusal(await poll(device))).toEqual([400, 'authorization_pending']);
    expect(await refusal(await poll(device))).toEqual([400, 'slow_down']);
    expect(await refusal(await poll(await start()))).toEqual([400, 'authorization_pending']);
  });

  it('gets its tokens once, however many ask at the same time', async () => {
    const device = await start();
    await approveDevice(new Browser(issuer), device.verification_uri_complete, ADMIN);
    const answers = await Promise.all(Array.from({ length: 20 }, () => poll(device)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await refusal(await poll(device))).toEqual([400, 'invalid_grant']);
  });

  it('whose user takes more than ten minutes has to begin again', async () => {
    const device = await start();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 });
    expect(await refusal(await poll(device))).toEqual([400, 'expired_token']);
    const late = await openDeviceLink(new Browser(issuer), device.verification_uri_complete);
    expect(late).toContain('This code has expired.');
  });

  it('of another client cannot redeem the code', async () => {
    const device = await start();
    await approveDevice(new Browser(issuer), device.verification_uri_complete, ADMIN);
    expect(await refusal(await poll(device, { client_id: 'television' }))).toEqual([400, 'invalid_grant']);
    expect((await poll(device)).status).toBe(200);
  });

  it('cannot present what stands for its code in the database', async () => {
    const device = await start();
    await approveDevice(new Browser(issuer), device.verification_uri_complete, ADMIN);
    const hash = createHash('sha256').update(device.device_code).digest('base64url');
    for (const stolen of [`#${hash}`, hash]) {
      expect(await refusal(await poll({ ...device, device_code: stolen }))).toEqual([400, 'invalid_grant']);
    }
    expect((await poll(device)).status).toBe(200);
  });
});

describe('the page for a device', () => {
  it('finds the code however it is typed, and shows which app it is', async () => {
    const device = await start();
    const typed = ` ${device.user_code.replace('-', ' ').toLowerCase()}`;
    const html = await typeUserCode(new Browser(issuer), issuer, typed);
    for (const text of ['Is this your device?', 'WAB Command Line', device.user_code]) {
      expect(html).toContain(text);
    }
  });

  it.each([
    ['no code', '', 'Type the code that your device shows.'],
    ['a code of no device', 'BBBB-BBBB', 'No device shows this code.'],
    ['markup', '"><script>alert(1)</script>', 'No device shows this code.'],
  ])('asks again for %s', async (_name, typed, words) => {
    const html = await typeUserCode(new Browser(issuer), issuer, typed);
    expect(html).toMatch(/role="alert"/);
    expect(html).toContain(words);
    expect(html).not.toContain('<script');
  });

  it('is without script, cannot be framed, and refuses a form that it did not make', async () => {
    const browser = new Browser(issuer);
    const page = await browser.get(`${issuer}activate`);
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'none'.*frame-ancestors 'none'/);
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    const { user_code } = await start();
    const forged = await browser.post('/activate', { user_code, confirm: 'yes', xsrf: 'forged' });
    expect(forged.status).toBe(400);
  });

  it('begins again in a browser that has no session, or one that is over', async () => {
    for (const headers of [{}, { Cookie: 'portcullis.identity.session=unknown' }]) {
      for (const [method, path] of [
        ['POST', '/activate'],
        ['GET', '/activate/unknown'],
      ] as const) {
        const response = await fetch(new URL(path, issuer), { method, headers, redirect: 'manual' });
        expect([response.status, response.headers.get('location')]).toEqual([303, '/activate']);
      }
    }
  });

  it('asks the person, who is logged in and has allowed it before, every single time', async () => {
    const browser = new Browser(issuer);
    for (let times = 0; times < 2; times += 1) {
      const { verification_uri_complete } = await start({ scope: 'openid create:items delete:items' });
      const { consent } = await approveDevice(browser, verification_uri_complete, ADMIN);
      expect(consent).toContain('Allow WAB Command Line?');
      expect(consent).toContain('<li>Add dishes to the menu</li><li>Take dishes off the menu</li>');
      expect(consent).toContain('The answer goes to the device that showed you a code.');
    }
  });

  it('names every permission that an app of ours gets when it asks for none by name', async () => {
    const { verification_uri_complete } = await start({ scope: 'openid' });
    const { consent } = await approveDevice(new Browser(issuer), verification_uri_complete, ADMIN);
    for (const text of ['Add dishes', 'Take dishes off', 'Change dishes']) expect(consent).toContain(text);
    expect(consent).not.toContain('Read dishes');
  });

  it('asks for a device of an app that is not asked for in the browser, too', async () => {
    const device = await start({ client_id: 'television' });
    const { consent } = await approveDevice(new Browser(issuer), device.verification_uri_complete, ADMIN);
    expect(consent).toContain('Allow television?');
    const answer = await poll(device, { client_id: 'television' });
    expect(decodeJwt(((await answer.json()) as Tokens).access_token)).toMatchObject({
      permissions: ['create:items'],
    });
  });

  it('lets the person deny it when the code is shown, and after logging in', async () => {
    const early = await start();
    const browser = new Browser(issuer);
    const html = await openDeviceLink(browser, early.verification_uri_complete);
    const denied = await answerForDevice(browser, html, { abort: 'yes' });
    expect(await denied.text()).toContain('The device was not connected.');
    expect(await refusal(await poll(early))).toEqual([400, 'access_denied']);

    const late = await start();
    const confirmation = await openDeviceLink(browser, late.verification_uri_complete);
    const login = await (await answerForDevice(browser, confirmation)).text();
    const consent = await logInThere(browser, login, ADMIN);
    const action = formAction(consent, 'abort');
    const page = await browser.follow(await browser.post(action, { form_token: formToken(consent) }));
    expect(await page.text()).toContain('The device was not connected.');
    expect(await refusal(await poll(late))).toEqual([400, 'access_denied']);
  });

  it('takes no code twice', async () => {
    const device = await start();
    const browser = new Browser(issuer);
    await approveDevice(browser, device.verification_uri_complete, ADMIN);
    const again = await openDeviceLink(browser, device.verification_uri_complete);
    expect(again).toContain('This code was used already.');
  });
});
