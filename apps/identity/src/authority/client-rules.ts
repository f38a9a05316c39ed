import type { NewClient } from './client-administration.ts';
import { Unfit } from './refused-change.ts';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

/** RFC 9700: no implicit flow, no passwords; a public client cannot be what it says it is by itself. */
const GRANT_TYPES: Readonly<Record<NewClient['kind'], readonly string[]>> = {
  browser: ['authorization_code', 'refresh_token'],
  confidential: ['authorization_code', 'refresh_token', 'client_credentials'],
  native: ['authorization_code', 'refresh_token', DEVICE_CODE],
  machine: ['client_credentials'],
};

/** @throws Unfit when the provider could not, or should not, serve such a client */
export function assertWorkable(client: NewClient): void {
  const { kind, grantTypes, redirectUris, logoutUris, origins, backchannelLogoutUri, jwks } = client;
  for (const type of grantTypes) {
    if (!GRANT_TYPES[kind].includes(type))
      throw new Unfit(`The grant type ${type} is not for such a client.`);
  }
  if (grantTypes.includes('refresh_token') && grantTypes.length === 1)
    throw new Unfit('The grant type refresh_token needs another that begins.');
  if (kind === 'machine' && redirectUris.length > 0)
    throw new Unfit('A machine is redirected nowhere: callbacks must be empty.');
  for (const uri of [...redirectUris, ...logoutUris]) assertAddress(uri, kind);
  for (const origin of origins) assertOrigin(origin);
  if (backchannelLogoutUri !== null) assertAddress(backchannelLogoutUri, 'confidential');
  if (jwks !== null && !['confidential', 'machine'].includes(kind))
    throw new Unfit('A public client has no keys of its own.');
  if (jwks?.keys.some((key) => 'd' in key || 'k' in key))
    throw new Unfit('jwks holds a private key or a secret: give public keys alone.');
}

/** RFC 9700, 4.1.1 and RFC 8252, 7: exact addresses, https but for loopback and an app's own scheme. */
function assertAddress(text: string, kind: NewClient['kind']): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const wrong = (why: string): never => {
    throw new Unfit(`${text} ${why}.`);
  };
  if (!url) return wrong('is not an absolute address');
  if (text.includes('#')) wrong('has a fragment');
  if (text.includes('*')) wrong('has a wildcard');
  if (url.username !== '' || url.password !== '') wrong('has a user or password');
  if (url.protocol === 'https:') return;
  if (url.protocol === 'http:') {
    if (!isLoopback(url.hostname)) wrong('must be https');
    return;
  }
  if (kind !== 'native') wrong('must be https');
  // RFC 8252, 7.1: a name under one's own domain, so that nobody else claims it.
  if (!url.protocol.includes('.')) wrong('must have a scheme such as com.example.app');
}

function assertOrigin(text: string): void {
  assertAddress(text, 'browser');
  if (new URL(text).origin !== text) throw new Unfit(`${text} is not an origin.`);
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
