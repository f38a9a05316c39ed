import type { Client } from 'oidc-provider';

/** A client whose identity is assured, so that its users need not be asked (RFC 8252, 8.6). */
export function consentsAutomatically(client: Client): boolean {
  return isFirstParty(client) && client.applicationType !== 'native';
}

export function isFirstParty(client: Client): boolean {
  return client.metadata()['first_party'] === true;
}

export function speaksAuth0(client: Client, everyone: boolean): boolean {
  return everyone || client.metadata()['auth0_dialect'] === true;
}

/** The browser origins that the client was registered with. */
export function redirectOrigins(client: Client): string[] {
  const origins = (client.redirectUris ?? []).map((uri) => new URL(uri).origin);
  return [...new Set(origins)].filter((origin) => origin !== 'null');
}
