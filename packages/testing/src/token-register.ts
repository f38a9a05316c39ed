import { randomBytes } from 'node:crypto';
import { jwtVerify } from 'jose';
import type { TestKey } from './test-key.ts';

type Claims = Readonly<Record<string, unknown>>;

/** What an issuer remembers of the access tokens that it issued. */
export class TokenRegister {
  readonly #opaque = new Map<string, Claims>();
  readonly #signed = new Map<string, TestKey>();

  /** A new token that says nothing by itself. */
  issueOpaque(claims: Claims): string {
    const token = randomBytes(32).toString('base64url');
    this.#opaque.set(token, claims);
    return token;
  }

  addSigned(token: string, signer: TestKey): void {
    this.#signed.set(token, signer);
  }

  revoke(token: string): void {
    this.#opaque.delete(token);
    this.#signed.delete(token);
  }

  /**
   * @param issuer of whom a signed token must be
   * @param keys by one of which a signed token must be signed
   * @returns the answer of RFC 7662 2.2
   */
  async introspect(token: string, issuer: string, keys: readonly TestKey[]): Promise<Claims> {
    const claims = this.#inTime(token) ?? (await this.#verified(token, issuer, keys));
    if (claims === undefined) return { active: false };
    return { active: true, token_type: isBoundByDpop(claims) ? 'DPoP' : 'Bearer', ...claims };
  }

  #inTime(token: string): Claims | undefined {
    const claims = this.#opaque.get(token);
    const { exp, nbf } = claims ?? {};
    const now = Math.floor(Date.now() / 1000);
    const over = typeof exp === 'number' && exp <= now;
    const early = typeof nbf === 'number' && nbf > now;
    return over || early ? undefined : claims;
  }

  async #verified(token: string, issuer: string, keys: readonly TestKey[]): Promise<Claims | undefined> {
    const signer = this.#signed.get(token);
    if (signer === undefined || !keys.includes(signer)) return undefined;
    try {
      return (await jwtVerify(token, signer.publicKey, { issuer, algorithms: [signer.algorithm] })).payload;
    } catch {
      return undefined;
    }
  }
}

function isBoundByDpop({ cnf }: Claims): boolean {
  return typeof cnf === 'object' && cnf !== null && 'jkt' in cnf;
}
