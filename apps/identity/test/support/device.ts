import type { Browser } from './browser.ts';
import { formAction, formToken, sendOwnForm } from './login.ts';

interface Person {
  readonly email: string;
  readonly password: string;
}

/** The hidden fields and the address of the first form of a page. */
function firstForm(html: string): { readonly action: string; readonly fields: Record<string, string> } {
  const form = /<form[^>]*action="([^"]+)"[^>]*>(.*?)<\/form>/s.exec(html) ?? [];
  const hidden = [...(form[2] ?? '').matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  return {
    action: form[1] ?? '',
    fields: Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value])),
  };
}

/** Opens the link that a device shows; returns the page that asks whether it is the right one. */
export async function openDeviceLink(browser: Browser, url: string): Promise<string> {
  return (await sendOwnForm(browser, await browser.get(url))).text();
}

/** Types a code into the page; returns the page that follows. */
export async function typeUserCode(browser: Browser, issuer: string, userCode: string): Promise<string> {
  const { action, fields } = firstForm(await (await browser.get(`${issuer}activate`)).text());
  return (await browser.post(action, { ...fields, user_code: userCode })).text();
}

/** Says that the device is the right one, or is not. */
export async function answerForDevice(
  browser: Browser,
  html: string,
  more: Record<string, string> = {},
): Promise<Response> {
  const { action, fields } = firstForm(html);
  return browser.follow(await browser.post(action, { ...fields, ...more }));
}

/** Logs in where asked. */
export async function logInThere(browser: Browser, page: string, person: Person): Promise<string> {
  const action = formAction(page, 'login');
  if (!action) return page;
  const fields = { form_token: formToken(page), email: person.email, password: person.password };
  return (await browser.follow(await browser.post(action, fields))).text();
}

/** All of it: the link, the confirmation, the login, the consent. */
export async function approveDevice(browser: Browser, url: string, person: Person) {
  const confirmation = await openDeviceLink(browser, url);
  const login = await (await answerForDevice(browser, confirmation)).text();
  const consent = await logInThere(browser, login, person);
  const response = await browser.follow(
    await browser.post(formAction(consent, 'consent'), { form_token: formToken(consent) }),
  );
  return { consent, html: await response.text() };
}
