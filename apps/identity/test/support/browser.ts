interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/** As much of a browser as a page without script needs: cookies by path, links followed by hand. */
export class Browser {
  readonly #origin: string;
  readonly #always: Record<string, string>;
  #cookies: Cookie[] = [];

  /** @param always headers of every request, such as `User-Agent` */
  constructor(origin: string, always: Record<string, string> = {}) {
    this.#origin = new URL(origin).origin;
    this.#always = always;
  }

  async get(url: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.#fetch(url, { headers });
  }

  /** Sends a form as a page of the same origin does, unless `headers` say otherwise; an empty one is left out. */
  async post(
    url: string,
    form: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return this.#fetch(url, {
      method: 'POST',
      headers: { Origin: this.#origin, 'Sec-Fetch-Site': 'same-origin', ...headers },
      body: new URLSearchParams(form),
    });
  }

  /** Follows redirects as long as they stay with us; returns the first answer that is none, or leads away. */
  async follow(response: Response): Promise<Response> {
    let current = response;
    for (;;) {
      const location = current.headers.get('location');
      if (location === null || new URL(location, this.#origin).origin !== this.#origin) return current;
      current = await this.get(location);
    }
  }

  cookie(name: string): string | undefined {
    return this.#cookies.find((one) => one.name === name)?.value;
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const url = new URL(path, this.#origin);
    const cookie = this.#cookies
      .filter((one) => url.pathname.startsWith(one.path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const headers = new Headers({ ...this.#always, ...Object.fromEntries(new Headers(init.headers)) });
    for (const [name, value] of Object.entries(Object.fromEntries(headers)))
      if (value === '') headers.delete(name);
    if (cookie) headers.set('Cookie', cookie);
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#store(line);
    return response;
  }

  #store(line: string): void {
    const [pair = '', ...attributes] = line.split(/;\s*/);
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? '/';
    const expires = attributes.find((one) => /^expires=/i.test(one))?.slice(8);
    this.#cookies = this.#cookies.filter((one) => one.name !== name || one.path !== path);
    if (value !== '' && (expires === undefined || Date.parse(expires) > Date.now())) {
      this.#cookies.push({ name, value, path });
    }
  }
}
