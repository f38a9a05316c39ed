import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const COOKIE = 'portcullis.identity.browser';
/** Seconds: half a year. */
const LIFE = 180 * 24 * 60 * 60;

/**
 * Remembers by a cookie that an account's owner logged in with this browser, so that strangers' failures
 * do not count against it (OWASP: device cookies). It proves nothing else and opens nothing.
 */
export class KnownBrowser {
  readonly #key: Uint8Array;
  readonly #secure: boolean;

  constructor(key: Uint8Array, { secure }: { readonly secure: boolean }) {
    this.#key = key;
    this.#secure = secure;
  }

  /** The browser's name, if it is the account's. */
  nameFrom(cookieHeader: string | undefined, email: string): string | undefined {
    const value = cookieHeader
      ?.split(/;\s*/)
      .find((pair) => pair.startsWith(`${COOKIE}=`))
      ?.slice(COOKIE.length + 1);
    const [name = '', presented = ''] = value?.split('.') ?? [];
    const [left, right] = [Buffer.from(this.#proof(name, email)), Buffer.from(presented)];
    return left.length === right.length && timingSafeEqual(left, right) ? name : undefined;
  }

  /** The `Set-Cookie` that makes this browser the account's. */
  cookieFor(email: string, name = randomBytes(16).toString('base64url')): string {
    return [
      `${COOKIE}=${name}.${this.#proof(name, email)}`,
      'Path=/interaction',
      `Max-Age=${LIFE}`,
      'HttpOnly',
      'SameSite=Lax',
      ...(this.#secure ? ['Secure'] : []),
    ].join('; ');
  }

  #proof(name: string, email: string): string {
    return createHmac('sha256', this.#key)
      .update(`${name}\n${email.trim().toLowerCase()}`)
      .digest('base64url');
  }
}
