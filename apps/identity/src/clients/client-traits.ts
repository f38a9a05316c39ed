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

/** The origins of the pages that the client's users are sent back to. */
export function redirectOrigins(client: Client): string[] {
  const origins = (client.redirectUris ?? []).map((uri) => new URL(uri).origin);
  return [...new Set(origins)].filter((origin) => origin !== 'null');
}

/** The origins of pages that may call the token endpoint as this client. */
export function callingOrigins(client: Client): string[] {
  const more = client.metadata()['origins'];
  return [...redirectOrigins(client), ...(Array.isArray(more) ? more.map(String) : [])];
}

/** The API that this client is, if it is one. */
export function ownApiId(client: Client): string | undefined {
  const id = client.metadata()['resource_server_id'];
  return typeof id === 'string' ? id : undefined;
}
