import { ManagementClient } from 'auth0';
import { token, type Tokens } from './login.ts';

export const ADMIN_MACHINE_SECRET = 'admin-machine-secret-for-tests-0123456789';

export function managementApi(issuer: string): string {
  return `${issuer}api/v2/`;
}

/** Auth0's own client, which knows https alone: its requests are sent to the same address without. */
export function managementClient(
  issuer: string,
  credentials: { readonly clientId: string; readonly clientSecret: string } = {
    clientId: 'wab-admin-machine',
    clientSecret: ADMIN_MACHINE_SECRET,
  },
): ManagementClient {
  const plainly = (input: string | URL | Request, init?: RequestInit): Promise<Response> =>
    fetch(String(input instanceof Request ? input.url : input).replace(/^https:/, 'http:'), init);
  return new ManagementClient({
    domain: new URL(issuer).host,
    audience: managementApi(issuer),
    ...credentials,
    fetch: plainly,
  });
}

export async function machineToken(
  issuer: string,
  clientId = 'wab-admin-machine',
  clientSecret = ADMIN_MACHINE_SECRET,
): Promise<string> {
  const response = await token(issuer, {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    audience: managementApi(issuer),
  });
  if (response.status !== 200) throw new Error(`no token: ${response.status} ${await response.text()}`);
  return ((await response.json()) as Tokens).access_token;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** One request to the Management API, as it goes over the wire. */
export async function manage(
  issuer: string,
  accessToken: string,
  request: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const [method = 'GET', path = ''] = request.split(' ');
  const response = await fetch(`${managementApi(issuer)}${path}`, {
    method,
    headers: {
      ...(accessToken === '' ? undefined : { Authorization: `Bearer ${accessToken}` }),
      ...(body === undefined ? undefined : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? undefined : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
  };
}

export interface GrantedMachine {
  readonly clientId: string;
  readonly clientSecret: string;
  /** A new one, with all that it holds now. */
  token(): Promise<string>;
  /** Holds these from now on, and no others. */
  hold(permissions: readonly string[]): Promise<void>;
}

/** A machine that may do only this at the Management API. */
export async function grantedMachine(
  issuer: string,
  admin: string,
  permissions: readonly string[],
): Promise<GrantedMachine> {
  const created = await manage(issuer, admin, 'POST clients', {
    name: 'A machine',
    app_type: 'non_interactive',
  });
  const { client_id: clientId, client_secret: clientSecret } = created.body as {
    client_id: string;
    client_secret: string;
  };
  const granted = await manage(issuer, admin, 'POST client-grants', {
    client_id: clientId,
    audience: managementApi(issuer),
    scope: permissions,
  });
  const { id } = granted.body as { id: string };
  return {
    clientId,
    clientSecret,
    token: () => machineToken(issuer, clientId, clientSecret),
    hold: async (scope) => {
      const answer = await manage(issuer, admin, `PATCH client-grants/${id}`, { scope });
      if (answer.status !== 200) throw new Error(`not granted: ${answer.status}`);
    },
  };
}
