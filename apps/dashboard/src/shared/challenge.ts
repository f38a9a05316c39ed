export interface Challenge {
  readonly error: string | undefined;
  readonly maxAge: number | undefined;
}

/** The parts of a `WWW-Authenticate` header that the dashboard acts on (RFC 6750, RFC 9470). */
export function readChallenge(header: string | null): Challenge {
  const maxAge = /[\s,]max_age="?(\d{1,9})"?/.exec(header ?? '')?.[1];
  return {
    error: /[\s,]error="([^"]*)"/.exec(header ?? '')?.[1],
    maxAge: maxAge === undefined ? undefined : Number(maxAge),
  };
}
