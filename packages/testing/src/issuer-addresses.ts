/** Where an issuer is to be found. */
export interface IssuerAddresses {
  readonly issuer: string;
  readonly keys: string;
  readonly introspection: string;
  readonly openid: string;
  readonly oauth: string;
}

/** @param path e.g. `/tenant`, without a slash at its end; empty for none */
export function issuerAddresses(origin: string, path: string, trailingSlash: boolean): IssuerAddresses {
  const base = `${origin}${path}`;
  return {
    issuer: trailingSlash ? `${base}/` : base,
    keys: `${base}/.well-known/jwks.json`,
    introspection: `${base}/introspect`,
    // OpenID Connect Discovery 4.1 appends; RFC 8414 3.1 puts it between the host and the path.
    openid: `${base}/.well-known/openid-configuration`,
    oauth: `${origin}/.well-known/oauth-authorization-server${path}`,
  };
}
