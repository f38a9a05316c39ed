import type { client } from '../database/schema.ts';
import type { Settings } from '../settings.ts';

export type SeedClient = Omit<typeof client.$inferInsert, 'secretHash' | 'createdAt'> & {
  /** What the client may be given for the menu API at most. */
  readonly permissions: readonly string[];
};

export const ITEM_PERMISSIONS = {
  'create:items': 'Add dishes to the menu',
  'read:items': 'Read dishes that are not public',
  'update:items': 'Change dishes on the menu',
  'delete:items': 'Take dishes off the menu',
} as const;

const ALL = Object.keys(ITEM_PERMISSIONS);
const CODE = ['authorization_code', 'refresh_token'];
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';

/** The dashboard's own addresses, bare and with the paths that tutorials use, and those configured. */
export function dashboardUris(seeds: Settings['seeds']): { redirectUris: string[]; logoutUris: string[] } {
  const origins = [
    `http://localhost:${seeds.dashboardPort}`,
    'http://localhost:4040',
    'http://localhost:3030',
  ];
  const own = origins.flatMap((origin) => ['', '/', '/home', '/callback'].map((path) => origin + path));
  const more = seeds.dashboardRedirectUris;
  const moreOrigins = more.map((uri) => new URL(uri).origin);
  return {
    redirectUris: [...new Set([...own, ...more])],
    logoutUris: [...new Set([...own, ...more, ...moreOrigins, ...moreOrigins.map((origin) => `${origin}/`)])],
  };
}

export function seedClients(seeds: Settings['seeds']): SeedClient[] {
  const api = `http://localhost:${seeds.apiPort}`;
  return [
    {
      id: 'wab-dashboard',
      name: 'WAB Dashboard',
      kind: 'browser',
      firstParty: true,
      auth0Dialect: true,
      grantTypes: CODE,
      ...dashboardUris(seeds),
      permissions: ALL,
    },
    {
      id: 'wab-website',
      name: 'WAB Website',
      kind: 'confidential',
      firstParty: true,
      grantTypes: CODE,
      redirectUris: [`${api}/auth/callback`],
      logoutUris: [api, `${api}/`],
      permissions: ALL,
    },
    {
      id: 'wab-cli',
      name: 'WAB Command Line',
      kind: 'native',
      firstParty: true,
      grantTypes: [...CODE, DEVICE],
      // RFC 8252, 7.3: the port of a loopback redirect is the client's choice.
      redirectUris: ['http://127.0.0.1/callback', 'http://[::1]/callback', 'http://localhost/callback'],
      logoutUris: [],
      permissions: ALL,
    },
    {
      id: 'wab-machine',
      name: 'WAB Machine',
      kind: 'machine',
      firstParty: true,
      grantTypes: ['client_credentials'],
      redirectUris: [],
      logoutUris: [],
      permissions: ALL,
    },
    {
      id: 'wab-menu-api',
      name: 'WAB Menu API',
      kind: 'machine',
      firstParty: true,
      grantTypes: ['client_credentials'],
      redirectUris: [],
      logoutUris: [],
      permissions: [],
    },
    {
      id: 'supper-club',
      name: 'Supper Club',
      kind: 'browser',
      firstParty: false,
      grantTypes: CODE,
      redirectUris: ['http://localhost:5050/callback'],
      logoutUris: ['http://localhost:5050/'],
      permissions: ['read:items', 'create:items'],
    },
  ];
}
