import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  MANAGEMENT_PERMISSION_NAMES,
  type ManagementPermission,
} from '../src/management/management-permissions.ts';
import { ADMIN, GUEST, startForTest } from './support/identity.ts';
import { logIn, MENU_API } from './support/login.ts';
import {
  ADMIN_MACHINE_SECRET,
  grantedMachine,
  machineToken,
  manage,
  managementApi,
  type GrantedMachine,
} from './support/management.ts';

vi.setConfig({ testTimeout: 60_000 });

let identity: Awaited<ReturnType<typeof startForTest>>;
let admin: string;
/** Whoever tries to climb: what they hold is changed for each trial. */
let climber: GrantedMachine;
/** All that the climber has in their hands: an account, a role of it, and a client. */
const own = { user: '', role: '', client: '', grant: '' };
/** What is not theirs. */
const others = { admin: '', menuRole: '', adminRole: '' };

const ask = (request: string, body?: unknown) => manage(identity.url, admin, request, body);
const path = encodeURIComponent;

beforeAll(async () => {
  identity = await startForTest({
    SEED_ADMIN_MACHINE_SECRET: ADMIN_MACHINE_SECRET,
    MANAGEMENT_RATE_LIMIT: '100000',
    ACCESS_TOKEN_TTL: '7200',
  });
  admin = await machineToken(identity.url);
  climber = await grantedMachine(identity.url, admin, ['read:roles']);
  const idOf = async (email: string) =>
    ((await ask(`GET users-by-email?email=${email}`)).body as { user_id: string }[])[0]?.user_id ?? '';
  own.user = path(await idOf(GUEST.email));
  own.role = ((await ask('POST roles', { name: 'empty' })).body as { id: string }).id;
  await ask(`POST users/${own.user}/roles`, { roles: [own.role] });
  own.client = (
    (await ask('POST clients', { name: 'own', app_type: 'non_interactive' })).body as { client_id: string }
  ).client_id;
  own.grant = (
    (await ask('POST client-grants', { client_id: own.client, audience: MENU_API, scope: [] })).body as {
      id: string;
    }
  ).id;
  others.admin = path(await idOf(ADMIN.email));
  const roles = (await ask('GET roles')).body as { id: string; name: string }[];
  others.menuRole = roles.find(({ name }) => name === 'menu-admin')?.id ?? '';
  others.adminRole = roles.find(({ name }) => name === 'identity-admin')?.id ?? '';
});
afterAll(() => identity.stop());

const permissions = (permission_name: string, resource_server_identifier: string) => ({
  permissions: [{ permission_name, resource_server_identifier }],
});

interface Write {
  readonly what: string;
  readonly request: () => string;
  readonly body?: () => unknown;
  /** What somebody who holds everything is answered, in this order. */
  readonly answer: number;
}

/** Every way up: each would give the climber something, or put what holds more into their hands. */
const writes: readonly Write[] = [
  {
    what: 'gives oneself a permission of another API',
    request: () => `POST users/${own.user}/permissions`,
    body: () => permissions('create:items', MENU_API),
    answer: 201,
  },
  {
    what: 'gives oneself a permission to administrate',
    request: () => `POST users/${own.user}/permissions`,
    body: () => permissions('read:changes', managementApi(identity.url)),
    answer: 201,
  },
  {
    what: 'gives oneself a role',
    request: () => `POST users/${own.user}/roles`,
    body: () => ({ roles: [others.menuRole] }),
    answer: 204,
  },
  {
    what: 'makes oneself administrator',
    request: () => `POST users/${own.user}/roles`,
    body: () => ({ roles: [others.adminRole] }),
    answer: 204,
  },
  {
    what: 'has oneself given a role',
    request: () => `POST roles/${others.adminRole}/users`,
    body: () => ({ users: [decodeURIComponent(own.user)] }),
    answer: 200,
  },
  {
    what: 'widens one’s own role',
    request: () => `POST roles/${own.role}/permissions`,
    body: () => permissions('update:items', MENU_API),
    answer: 201,
  },
  {
    what: 'chooses another’s password',
    request: () => `PATCH users/${others.admin}`,
    body: () => ({ password: 'mine from now on, all of it' }),
    answer: 200,
  },
  {
    what: 'takes over another’s address',
    request: () => `PATCH users/${others.admin}`,
    body: () => ({ email: 'mine@example.com' }),
    answer: 200,
  },
  {
    what: 'unblocks another',
    request: () => `PATCH users/${others.admin}`,
    body: () => ({ blocked: false }),
    answer: 200,
  },
  {
    what: 'blocks another',
    request: () => `PATCH users/${others.admin}`,
    body: () => ({ blocked: true }),
    answer: 200,
  },
  {
    what: 'strips another',
    request: () => `DELETE users/${others.admin}/roles`,
    body: () => ({ roles: [others.adminRole, others.menuRole] }),
    answer: 204,
  },
  { what: 'deletes another', request: () => `DELETE users/${others.admin}`, answer: 204 },
  {
    what: 'renames another’s role',
    request: () => `PATCH roles/${others.adminRole}`,
    body: () => ({ name: 'mine' }),
    answer: 200,
  },
  {
    what: 'empties another’s role',
    request: () => `DELETE roles/${others.menuRole}/permissions`,
    body: () => permissions('create:items', MENU_API),
    answer: 204,
  },
  { what: 'deletes another’s role', request: () => `DELETE roles/${others.menuRole}`, answer: 200 },
  {
    what: 'grants one’s own client an API',
    request: () => 'POST client-grants',
    body: () => ({
      client_id: own.client,
      audience: managementApi(identity.url),
      scope: ['delete:users', 'read:logs'],
    }),
    answer: 201,
  },
  {
    what: 'widens one’s own grant',
    request: () => `PATCH client-grants/${own.grant}`,
    body: () => ({ scope: ['delete:items'] }),
    answer: 200,
  },
  {
    what: 'takes another client’s secret',
    request: () => 'POST clients/wab-machine/rotate-secret',
    answer: 200,
  },
  {
    what: 'takes another client’s codes',
    request: () => 'PATCH clients/wab-dashboard',
    body: () => ({ callbacks: ['https://evil.example/'] }),
    answer: 200,
  },
  {
    what: 'gives another client one’s own key',
    request: () => 'PATCH clients/wab-website',
    body: () => ({ jwks: { keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }] } }),
    answer: 200,
  },
  {
    what: 'lets a stranger’s client act without consent',
    request: () => 'PATCH clients/supper-club',
    body: () => ({ is_first_party: true }),
    answer: 200,
  },
  {
    what: 'switches another client off',
    request: () => 'PATCH clients/wab-menu-api',
    body: () => ({ enabled: false }),
    answer: 200,
  },
  { what: 'deletes another client', request: () => 'DELETE clients/wab-machine', answer: 204 },
  {
    what: 'switches the policy of an API off',
    request: () => `PATCH resource-servers/${path(MENU_API)}`,
    body: () => ({ enforce_policies: false }),
    answer: 200,
  },
  {
    what: 'takes an API its permissions',
    request: () => `PATCH resource-servers/${path(MENU_API)}`,
    body: () => ({ scopes: [] }),
    answer: 200,
  },
  { what: 'deletes an API', request: () => `DELETE resource-servers/${path(MENU_API)}`, answer: 204 },
  {
    what: 'switches the policy of this API off',
    request: () => `PATCH resource-servers/${path(managementApi(identity.url))}`,
    body: () => ({ enforce_policies: false }),
    answer: 403,
  },
];

/** What is in the climber's hands, and what must not come into them. */
async function standing() {
  const seen = await Promise.all(
    [
      `GET users/${own.user}/permissions`,
      `GET users/${own.user}/roles`,
      `GET users/${others.admin}`,
      `GET users/${others.admin}/roles`,
      'GET roles',
      `GET roles/${own.role}/permissions`,
      `GET roles/${others.menuRole}/permissions`,
      `GET roles/${others.adminRole}/permissions`,
      `GET clients`,
      `GET client-grants?client_id=${own.client}`,
      'GET resource-servers',
    ].map((request) => ask(request)),
  );
  return seen.map(({ body }) => body);
}

describe('by one permission alone nobody comes to more', () => {
  let before: unknown[];
  beforeAll(async () => void (before = await standing()));

  it.each(MANAGEMENT_PERMISSION_NAMES)('%s, even unattended', async (permission: ManagementPermission) => {
    await climber.hold([...new Set([permission, 'administer:unattended'])]);
    const accessToken = await climber.token();
    for (const { what, request, body } of writes) {
      const { status } = await manage(identity.url, accessToken, request(), body?.());
      expect([what, status]).toEqual([what, 403]);
    }
  });

  it('and all is as it was', async () => {
    expect(await standing()).toEqual(before);
  });
});

describe('whoever holds everything to administrate but one thing', () => {
  const most = MANAGEMENT_PERMISSION_NAMES.filter((name) => name !== 'grant:permissions');

  it('cannot give that one to anybody, nor to a role or a client', async () => {
    for (const left of most) {
      const held = most.filter((name) => name !== left);
      await climber.hold(held);
      const accessToken = await climber.token();
      const given = permissions(left, managementApi(identity.url));
      const answers = [
        await manage(identity.url, accessToken, `POST users/${own.user}/permissions`, given),
        await manage(identity.url, accessToken, `POST roles/${own.role}/permissions`, given),
        await manage(identity.url, accessToken, 'POST client-grants', {
          client_id: own.client,
          audience: managementApi(identity.url),
          scope: [left],
        }),
      ];
      expect([left, ...answers.map(({ status }) => status)]).toEqual([left, 403, 403, 403]);
    }
  });

  it('gives what they hold, and takes it again', async () => {
    await climber.hold(most);
    const accessToken = await climber.token();
    const given = permissions('read:logs', managementApi(identity.url));
    const give = () => manage(identity.url, accessToken, `POST users/${own.user}/permissions`, given);
    expect(await give()).toMatchObject({ status: 201 });
    const take = await manage(identity.url, accessToken, `DELETE users/${own.user}/permissions`, given);
    expect(take).toMatchObject({ status: 204 });
  });

  it('is told what they do not hold', async () => {
    await climber.hold(most);
    const given = permissions('create:items', MENU_API);
    const answer = await manage(
      identity.url,
      await climber.token(),
      `POST users/${own.user}/permissions`,
      given,
    );
    expect(answer).toMatchObject({
      status: 403,
      body: {
        errorCode: 'beyond_reach',
        message: 'You cannot give away what you do not hold: create:items',
      },
    });
  });
});

describe('giving authority', () => {
  const given = () => permissions('create:items', MENU_API);

  it('needs a login of the last ten minutes; all else does not', async () => {
    const { tokens } = await logIn(identity.url, ADMIN, { audience: managementApi(identity.url) });
    const byAdmin = (request: string, body: unknown) =>
      manage(identity.url, tokens.access_token, request, body);
    expect(await byAdmin(`POST users/${own.user}/permissions`, given())).toMatchObject({ status: 201 });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 });
    try {
      const late = await byAdmin(`POST users/${own.user}/permissions`, given());
      expect(late).toMatchObject({
        status: 401,
        body: { error: 'Unauthorized', errorCode: 'insufficient_user_authentication' },
      });
      expect(late.headers.get('www-authenticate')).toMatch(
        /error="insufficient_user_authentication".*max_age="600"/,
      );
      expect(await byAdmin(`PATCH users/${own.user}`, { nickname: 'g' })).toMatchObject({ status: 200 });
      expect(await byAdmin(`DELETE users/${own.user}/permissions`, given())).toMatchObject({ status: 204 });
    } finally {
      vi.useRealTimers();
    }
  });

  it('needs a permission of its own where nobody is there', async () => {
    await climber.hold(['update:users', 'grant:permissions']);
    const answer = await manage(
      identity.url,
      await climber.token(),
      `POST users/${own.user}/permissions`,
      given(),
    );
    expect(answer).toMatchObject({
      status: 403,
      body: { message: 'Insufficient scope, expected any of: administer:unattended' },
    });
  });
});

describe('a token to administrate', () => {
  it('is worth no more than its user holds now', async () => {
    await ask(`POST users/${own.user}/permissions`, permissions('read:roles', managementApi(identity.url)));
    const { tokens } = await logIn(identity.url, GUEST, { audience: managementApi(identity.url) });
    const read = () => manage(identity.url, tokens.access_token, 'GET roles');
    expect(await read()).toMatchObject({ status: 200 });
    await ask(`DELETE users/${own.user}/permissions`, permissions('read:roles', managementApi(identity.url)));
    expect(await read()).toMatchObject({ status: 403 });
  });

  it('is refused once its user was logged out everywhere, and nothing brings it back', async () => {
    await ask(`POST users/${own.user}/permissions`, permissions('read:roles', managementApi(identity.url)));
    const { tokens } = await logIn(identity.url, GUEST, { audience: managementApi(identity.url) });
    await ask(`POST users/${own.user}/revoke-access`, {});
    await vi.waitFor(
      async () => {
        const answer = await manage(identity.url, tokens.access_token, 'GET roles');
        expect(answer).toMatchObject({ status: 401 });
      },
      { timeout: 1000, interval: 20 },
    );
    await ask(`DELETE users/${own.user}/permissions`, permissions('read:roles', managementApi(identity.url)));
  });

  it('is refused once its client was switched off', async () => {
    await climber.hold(['read:roles']);
    const accessToken = await climber.token();
    await ask(`PATCH clients/${climber.clientId}`, { enabled: false });
    expect((await manage(identity.url, accessToken, 'GET roles')).status).toBeGreaterThanOrEqual(401);
    await ask(`PATCH clients/${climber.clientId}`, { enabled: true });
  });
});

describe('what is given for a while', () => {
  it('is gone within a second of its time, and the log says so', async () => {
    const end = Date.now() + 1000;
    await ask(`POST users/${own.user}/roles`, {
      roles: [others.menuRole],
      expires_at: new Date(end).toISOString(),
    });
    expect((await ask(`GET users/${own.user}/permissions`)).body).toHaveLength(3);
    await vi.waitFor(
      async () => {
        const { body } = await ask('GET logs?per_page=1');
        expect(body).toMatchObject([
          { description: 'user.authority.lapse', details: { before: { role: others.menuRole } } },
        ]);
      },
      { timeout: 4000, interval: 20 },
    );
    const [entry] = (await ask('GET logs?per_page=1')).body as { date: string }[];
    expect(Date.parse(entry?.date ?? '') - end).toBeGreaterThanOrEqual(0);
    expect(Date.parse(entry?.date ?? '') - end).toBeLessThan(1000);
    expect((await ask(`GET users/${own.user}/permissions`)).body).toEqual([]);
  });
});

describe('many at once', () => {
  it('lose no change of each other', async () => {
    const changes = Array.from({ length: 50 }, (_, index) => ({ [`key${index}`]: index }));
    const answers = await Promise.all(
      changes.map((user_metadata) => ask(`PATCH users/${own.user}`, { user_metadata })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await ask(`GET users/${own.user}`)).body).toMatchObject({
      user_metadata: Object.assign({}, ...changes) as object,
    });
  });

  it('create one user of one address', async () => {
    const fresh = { email: 'twin@example.com', password: 'one of a kind' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask('POST users', fresh)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7);
  });
});

describe('the last administrator', () => {
  it.each([
    ['deleted', () => `DELETE users/${others.admin}`, undefined],
    ['blocked', () => `PATCH users/${others.admin}`, { blocked: true }],
    ['stripped', () => `DELETE users/${others.admin}/roles`, 'role'],
    ['stripped by way of the role', () => `DELETE roles/${others.adminRole}`, undefined],
    ['stripped by way of a permission', () => `DELETE roles/${others.adminRole}/permissions`, 'permission'],
  ])('cannot be %s', async (_how, request, body) => {
    const before = await standing();
    const bodies: Readonly<Record<string, unknown>> = {
      role: { roles: [others.adminRole] },
      permission: permissions('read:logs', managementApi(identity.url)),
    };
    expect(await ask(request(), typeof body === 'string' ? bodies[body] : body)).toMatchObject({
      status: 409,
      body: { error: 'Conflict', errorCode: 'last_administrator' },
    });
    expect(await standing()).toEqual(before);
  });

  it('is left, whichever of two is stripped at the same time', async () => {
    await ask(`POST users/${own.user}/roles`, { roles: [others.adminRole] });
    const strip = (user: string) => ask(`DELETE users/${user}/roles`, { roles: [others.adminRole] });
    const answers = await Promise.all([strip(own.user), strip(others.admin)]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204, 409]));
    for (const user of [own.user, others.admin])
      await ask(`POST users/${user}/roles`, { roles: [others.adminRole] });
  });

  it('is not somebody who is it for a while', async () => {
    await ask(`POST users/${own.user}/roles`, {
      roles: [others.adminRole],
      expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    });
    const strip = { roles: [others.adminRole] };
    expect(await ask(`DELETE users/${others.admin}/roles`, strip)).toMatchObject({ status: 409 });
    await ask(`DELETE users/${own.user}/roles`, strip);
  });
});

describe('whoever holds everything', () => {
  it('may do all that, so that it means something where it is refused', async () => {
    for (const { what, request, body, answer } of writes)
      expect([what, (await ask(request(), body?.())).status]).toEqual([what, answer]);
  });
});
