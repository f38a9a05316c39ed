import type { Browser } from './browser.ts';
import { formAction, formToken } from './login.ts';

/** A page of the account, with a login on the way if there is none yet. */
export async function openPage(
  browser: Browser,
  path: string,
  user?: { readonly email: string; readonly password: string },
): Promise<{ readonly response: Response; readonly html: string }> {
  let response = await browser.follow(await browser.get(path));
  let html = await response.text();
  const action = formAction(html, 'login');
  if (user && action) {
    const { email, password } = user;
    response = await browser.follow(
      await browser.post(action, { form_token: formToken(html), email, password }),
    );
    html = await response.text();
  }
  return { response, html };
}

/** Sends one of the page's forms, and follows to what it shows afterwards. */
export async function submit(
  browser: Browser,
  page: { readonly html: string },
  action: string,
  fields: Record<string, string> = {},
): Promise<{ readonly response: Response; readonly html: string }> {
  const response = await browser.follow(
    await browser.post(action, { form_token: formToken(page.html), ...fields }),
  );
  return { response, html: await response.text() };
}

/** The value of the hidden field in the list item that has this text. */
export function hiddenField(html: string, name: string, text: string): string {
  const card =
    html.split('<li>').find((item) => item.includes(text) && item.includes(`name="${name}"`)) ?? '';
  return new RegExp(`name="${name}" value="([^"]+)"`).exec(card)?.[1] ?? '';
}
