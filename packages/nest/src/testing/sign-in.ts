/** Whoever mints access tokens: `createTestIssuer()` of `@portcullis/testing` is one. */
export interface TokenIssuer {
  accessToken(claims?: Record<string, unknown>): Promise<string>;
}

/** The headers of a request by somebody who is signed in. */
export interface SignedIn {
  readonly authorization: string;
}

/**
 * Signs a test in: a real token, valid but for what `claims` say.
 *
 * ```ts
 * const headers = await signInAs(issuer, { sub: 'user|1', permissions: ['create:items'] });
 * await fetch(`${url}/items`, { method: 'POST', headers });
 * ```
 */
export async function signInAs(
  issuer: TokenIssuer,
  claims: Readonly<Record<string, unknown>> = {},
): Promise<SignedIn> {
  return { authorization: `Bearer ${await issuer.accessToken({ ...claims })}` };
}
