import { createHash, randomBytes } from 'node:crypto';
import { Browser } from './browser.ts';

export const MENU_API = 'https://menu-api.example.com';
export const CALLBACK = 'http://localhost:4040/callback';

export interface Tokens {
  readonly access_token: string;
  readonly id_token?: string;
  readonly refresh_token?: string;
  readonly scope?: string;
  readonly expires_in: number;
  readonly token_type: string;
}

export interface Authorization {
  readonly url: string;
  readonly verifier: string;
}

/** A valid authorization request; a test spoils one parameter, or drops it with an empty value. */
export function authorization(issuer: string, spoiled: Record<string, string> = {}): Authorization {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: 'wab-dashboard',
    response_type: 'code',
    scope: 'openid profile email offline_access',
    audience: MENU_API,
    redirect_uri: CALLBACK,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: 'a-state',
    nonce: 'a-nonce',
    ...spoiled,
  });
  for (const [name, value] of Object.entries(spoiled)) if (value === '') query.delete(name);
  return { url: `${issuer}authorize?${query}`, verifier };
}

export function formToken(html: string): string {
  return /name="form_token" value="([^"]+)"/.exec(html)?.[1] ?? '';
}

/** A form of the library's own that sends itself, or by its button where script is off. */
export async function sendOwnForm(browser: Browser, response: Response): Promise<Response> {
  const html = await response.text();
  const fields = [...html.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
    name,
    value,
  ]);
  const action = /action="([^"]+)"/.exec(html)?.[1] ?? '';
  return browser.post(action, Object.fromEntries(fields) as Record<string, string>);
}

export function formAction(html: string, ending: string): string {
  return new RegExp(`action="([^"]+/${ending})"`).exec(html)?.[1] ?? '';
}

/** Sends the request, logs in if asked, allows if asked; returns the answer that goes to the client. */
export async function authorize(
  browser: Browser,
  url: string,
  user: { readonly email: string; readonly password: string },
): Promise<Response> {
  let response = await browser.follow(await browser.get(url));
  for (const step of ['login', 'consent'] as const) {
    if (response.status !== 200) return response;
    const html = await response.clone().text();
    const action = formAction(html, step);
    if (!action) continue;
    const fields = step === 'login' ? { email: user.email, password: user.password } : {};
    response = await browser.follow(await browser.post(action, { form_token: formToken(html), ...fields }));
  }
  return response;
}

export function codeFrom(response: Response): string {
  return new URL(response.headers.get('location') ?? 'about:blank').searchParams.get('code') ?? '';
}

export function token(issuer: string, form: Record<string, string>, headers: Record<string, string> = {}) {
  return fetch(`${issuer}oauth/token`, { method: 'POST', body: new URLSearchParams(form), headers });
}

export function exchange(issuer: string, code: string, verifier: string, more: Record<string, string> = {}) {
  return token(issuer, {
    grant_type: 'authorization_code',
    client_id: 'wab-dashboard',
    code,
    code_verifier: verifier,
    redirect_uri: CALLBACK,
    ...more,
  });
}

export function refresh(issuer: string, refreshToken: string, more: Record<string, string> = {}) {
  return token(issuer, {
    grant_type: 'refresh_token',
    client_id: 'wab-dashboard',
    refresh_token: refreshToken,
    ...more,
  });
}

export async function logIn(
  issuer: string,
  user: { readonly email: string; readonly password: string },
  spoiled: Record<string, string> = {},
  browser = new Browser(issuer),
): Promise<{ readonly tokens: Tokens; readonly browser: Browser }> {
  const { url, verifier } = authorization(issuer, spoiled);
  const code = codeFrom(await authorize(browser, url, user));
  const more = {
    ...(spoiled['client_id'] ? { client_id: spoiled['client_id'] } : undefined),
    ...(spoiled['redirect_uri'] ? { redirect_uri: spoiled['redirect_uri'] } : undefined),
  };
  const response = await exchange(issuer, code, verifier, more);
  if (response.status !== 200) throw new Error(`login failed: ${response.status} ${await response.text()}`);
  return { tokens: (await response.json()) as Tokens, browser };
}
