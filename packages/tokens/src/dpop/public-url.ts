import { trustedUrl } from '../keys/trusted-url.ts';
import { normalPath } from './normal-path.ts';

/** Where clients reach this API. What a request says of its host plays no part in it. */
export class PublicUrl {
  readonly #origin: string;
  /** Without the slash at its end. */
  readonly #prefix: string;

  /** @throws TypeError naming the option */
  constructor(option: string, text: unknown) {
    const url = trustedUrl(option, text, false);
    if (url.search !== '' || url.hash !== '')
      throw new TypeError(`"${option}" must have neither query nor fragment`);
    this.#origin = url.origin;
    this.#prefix = normalPath(url.pathname).replace(/\/+$/, '');
  }

  /**
   * @param target of the request, in origin form (RFC 9112 3.2.1); its query is left off
   * @returns undefined for any other form, which names a host or no path
   */
  of(target: string): string | undefined {
    if (!target.startsWith('/')) return undefined;
    const [path = ''] = target.split(/[?#]/, 1);
    return `${this.#origin}${this.#prefix}${normalPath(path)}`;
  }
}
