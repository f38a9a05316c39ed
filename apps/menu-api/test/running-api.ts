import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestIssuer, type TestIssuer, type TestIssuerOptions } from '@portcullis/testing';
import { startMenuApi } from '../src/menu-api.ts';
import { readSettings } from '../src/settings.ts';

export const AUDIENCE = 'https://menu-api.example.com';
export const ALL_PERMISSIONS = ['create:items', 'read:items', 'update:items', 'delete:items'];

/** The whole API on a free port, on its own disk, with a real issuer. */
export interface RunningApi {
  readonly url: string;
  readonly issuer: TestIssuer;
  /** One request; `token` goes into the Authorization header as a bearer, `json` into the body. */
  call(method: string, path: string, options?: CallOptions): Promise<Response>;
  /** A token of a logged-in user who may do everything, with claims spoiled or added. */
  admin(claims?: Record<string, unknown>): Promise<string>;
  stop(): Promise<void>;
}

export interface CallOptions {
  readonly token?: string;
  readonly json?: unknown;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

type Variables = Readonly<Record<string, string>>;

/** @param environment variables over the defaults, or what makes them of the issuer */
export async function startApi(
  environment: Variables | ((issuer: TestIssuer) => Variables) = {},
  issuerOptions: TestIssuerOptions = {},
): Promise<RunningApi> {
  const issuer = await createTestIssuer({ audience: AUDIENCE, ...issuerOptions });
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'menu-api-'));
  const url = `http://localhost:${port}`;
  const settings = {
    PORT: String(port),
    DATA_DIR: directory,
    ISSUER_URL: issuer.issuer,
    LOG_LEVEL: 'silent',
    HTTP_ADAPTER: process.env['HTTP_ADAPTER'] ?? 'fastify',
    DOOR: process.env['DOOR'] ?? 'guard',
    METRICS_PORT: 'off',
  };
  const more = typeof environment === 'function' ? environment(issuer) : environment;
  const end = async (): Promise<void> => {
    await issuer.stop();
    rmSync(directory, { recursive: true });
  };
  const service = await startMenuApi(readSettings({ ...settings, ...more })).catch(async (error: unknown) => {
    await end();
    throw error;
  });
  return {
    url,
    issuer,
    call: (method, path, options = {}) => call(new URL(path, url), method, options),
    admin: (claims = {}) =>
      issuer.accessToken({
        permissions: ALL_PERMISSIONS,
        auth_time: Math.floor(Date.now() / 1000),
        ...claims,
      }),
    stop: async () => {
      await service.stop();
      await end();
    },
  };
}

function call(url: URL, method: string, { token, json, body, headers }: CallOptions): Promise<Response> {
  const payload = json === undefined ? body : JSON.stringify(json);
  return fetch(url, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload === undefined ? {} : { body: payload }),
  });
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** A valid dish; the test spoils one field. */
export function dish(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'Spring Salad',
    price: 399,
    tagline: 'Green all over',
    description: 'Leaves, radish and a light dressing.',
    image: 'https://pictures.example.com/salad.webp?size=2',
    calories: 180,
    category: 'sides',
    ...fields,
  };
}
