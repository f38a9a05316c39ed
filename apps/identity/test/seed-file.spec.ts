import { eq } from 'drizzle-orm';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChangeLog } from '../src/changes/change-log.ts';
import { openDatabase, type Database } from '../src/database/database.ts';
import {
  auditEntry,
  authorityTouch,
  client,
  denial,
  effectiveUserPermission,
  permission,
  resourceServer,
  role,
  rolePermission,
  user,
  userRole,
} from '../src/database/schema.ts';
import { verifyPassword } from '../src/people/password.ts';
import { applySeed } from '../src/seeds/apply-seed.ts';
import { describeSeed, SeedRefused } from '../src/seeds/described-seed.ts';
import { temporaryDirectory } from './support/identity.ts';

const EXAMPLE = fileURLToPath(new URL('../seed.example.yaml', import.meta.url));
const ORDERS = 'https://orders.example.com';
const MANAGEMENT = 'http://localhost:4000/api/v2/';
const directory = temporaryDirectory();
const secrets: Record<string, string> = {
  ORDERS_WEB_SECRET: 'w'.repeat(40),
  ORDERS_ROBOT_SECRET: 'r'.repeat(40),
  KIM_PASSWORD: 'correct horse battery',
  SHORT_PASSWORD: 'ten chars!',
};

let database: Awaited<ReturnType<typeof openDatabase>>;
let db: Database;
let changes: ChangeLog;
beforeAll(async () => {
  database = await openDatabase(temporaryDirectory());
  ({ db } = database);
  changes = new ChangeLog(db, { longestToken: 600 });
  await changes.open();
  await db
    .insert(resourceServer)
    .values({ id: 'rs_system', identifier: MANAGEMENT, name: 'Management API', isSystem: true });
  await db.insert(permission).values({
    id: 'per_users',
    resourceServerId: 'rs_system',
    name: 'update:users',
    description: 'Change users',
  });
});
afterAll(() => database.close());

interface Flags {
  readonly dryRun?: boolean;
  readonly prune?: boolean;
}

/** What the terminal shows, or the sentence that refuses the file. */
async function apply(path: string, flags: Flags = {}): Promise<string[]> {
  const described = await describeSeed(path);
  try {
    const differences = await applySeed(db, changes, described.seed, {
      actor: { subject: 'terminal' },
      secret: (variable) => secrets[variable],
      ...flags,
    });
    return differences.map(({ sign, what }) => `${sign} ${what}`);
  } catch (error) {
    throw error instanceof SeedRefused ? described.refusal(error) : error;
  }
}

function written(text: string, name = 'seed.yaml'): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const position = async () => (await changes.position()).number;
const permissionsOf = async (email: string): Promise<string[]> => {
  const rows = await db
    .select({ name: effectiveUserPermission.name })
    .from(effectiveUserPermission)
    .innerJoin(user, eq(user.id, effectiveUserPermission.userId))
    .where(eq(user.email, email));
  return rows.map(({ name }) => name).toSorted();
};

describe('the example of the documents', () => {
  it('is shown by a dry run, which changes nothing', async () => {
    const before = await position();
    const shown = await apply(EXAMPLE, { dryRun: true });
    expect(shown).toContain(`+ API ${ORDERS}`);
    expect(shown).toContain(`+ read:orders of API ${ORDERS} in role order-clerk`);
    expect(await position()).toBe(before);
    expect(await db.select().from(role)).toEqual([]);
  });

  it('is applied as the dry run said, once: again there is nothing to do', async () => {
    const shown = await apply(EXAMPLE, { dryRun: true });
    const before = await position();
    expect(await apply(EXAMPLE)).toEqual(shown);
    expect(await position()).toBe(before + shown.length);
    expect(await apply(EXAMPLE)).toEqual([]);
    expect(await apply(EXAMPLE, { prune: true, dryRun: true })).toEqual([]);
    expect(await position()).toBe(before + shown.length);

    expect(await permissionsOf('kim@example.com')).toEqual(['read:orders', 'update:orders']);
    const [kim] = await db.select().from(user).where(eq(user.email, 'kim@example.com'));
    expect(await verifyPassword(kim?.passwordHash ?? '', secrets['KIM_PASSWORD'] ?? '')).toBe(true);
    const entries = await db.select().from(auditEntry);
    expect(new Set(entries.map(({ actor }) => actor))).toEqual(new Set(['terminal']));
  });

  it('shows and keeps no secret', async () => {
    const kept = JSON.stringify([
      await db.select().from(auditEntry),
      await db.select().from(client),
      await db.select().from(user),
      await apply(EXAMPLE, { dryRun: true }),
    ]);
    for (const secret of Object.values(secrets)) expect(kept).not.toContain(secret);
  });

  it('is told in short by the guide, which is applied as it stands there', async () => {
    const guide = readFileSync(new URL('../../../docs/operating-identity.md', import.meta.url), 'utf8');
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(guide) ?? [];
    expect(await apply(written(yaml))).toEqual([]); // all of it is in the example
  });

  it('says what it says as a module, too', async () => {
    const { parse } = await import('yaml');
    const seed: unknown = parse(readFileSync(EXAMPLE, 'utf8'));
    const module = written(`export default ${JSON.stringify(seed)};\n`, 'seed.ts');
    expect(await apply(module)).toEqual([]);
    await expect(apply(written('export const seed = {};\n', 'other.mjs'))).rejects.toThrow(
      'no default export',
    );
    await expect(apply(written('export default {', 'broken.mjs'))).rejects.toThrow('cannot be loaded');
  });
});

describe('a file that says something else', () => {
  it('changes what it names and leaves the rest, until it is told to prune', async () => {
    const path = written(`
apis:
  - identifier: ${ORDERS}
    name: All orders
    permissions:
      read:orders: Read orders
roles:
  - name: order-clerk
    permissions:
      ${ORDERS}: [read:orders]
users:
  - email: KIM@example.com
    roles: []
`);
    expect(await apply(path)).toEqual([`~ API ${ORDERS}: name`]);
    expect(await permissionsOf('kim@example.com')).toEqual(['read:orders', 'update:orders']);

    const shown = await apply(path, { prune: true, dryRun: true });
    expect(shown).toContain(`- permission update:orders of API ${ORDERS}, with everything it was given to`);
    expect(shown).toContain('- role order-clerk for user kim@example.com');
    expect(shown.filter((line) => /client|user lee|API http:/.test(line))).toEqual([]); // not spoken of, or ours
    const before = await position();
    expect(await apply(path, { prune: true })).toEqual(shown);
    expect(await permissionsOf('kim@example.com')).toEqual([]);
    const touched = await db.select().from(authorityTouch);
    expect(touched.filter(({ number }) => number > before).length).toBeGreaterThan(0);
    expect(await apply(path, { prune: true })).toEqual([]);
  });

  it('takes clients away only by pruning, and denies their tokens', async () => {
    const path = written(`clients:\n  - id: orders-robot\n`);
    expect(await apply(path)).toEqual([]);
    expect(await apply(path, { prune: true })).toEqual(['- client orders-web']);
    const denials = await db.select().from(denial).where(eq(denial.by, 'client'));
    expect(denials.map(({ value }) => value)).toEqual(['orders-web']);
  });

  it('renews a secret that its variable says otherwise, and switches a client off', async () => {
    const path = written(
      `clients:\n  - id: orders-robot\n    secretFrom: ORDERS_ROBOT_SECRET\n    enabled: false\n`,
    );
    secrets['ORDERS_ROBOT_SECRET'] = 'another secret, and as long as it has to be';
    expect(await apply(path)).toEqual(['~ client orders-robot: enabled', '~ client orders-robot: secret']);
    expect(await apply(path)).toEqual([]);
    const denials = await db.select().from(denial).where(eq(denial.value, 'orders-robot'));
    expect(denials).toHaveLength(1);
  });

  it('does not touch the password of somebody who is there', async () => {
    const path = written(
      `users:\n  - email: kim@example.com\n    name: Kim K.\n    passwordFrom: SHORT_PASSWORD\n`,
    );
    expect(await apply(path)).toEqual(['~ user kim@example.com: name']);
  });

  it('never leaves nobody to administrate', async () => {
    const administrators = `roles:
  - name: administrators
    permissions:
      ${MANAGEMENT}: [update:users]
users:
  - email: lee@example.com
    passwordFrom: KIM_PASSWORD
    roles: [administrators]
`;
    await apply(written(administrators));
    for (const taken of ['    roles: []\n', '    blocked: true\n']) {
      const path = written(`users:\n  - email: lee@example.com\n${taken}`);
      await expect(apply(path, { prune: true })).rejects.toThrow('nobody who may administrate');
    }
    await expect(apply(written('roles: []\n'), { prune: true })).rejects.toThrow(
      'nobody who may administrate',
    );
    expect(await permissionsOf('lee@example.com')).toEqual(['update:users']);
    const short = administrators.replace('lee@', 'mia@').replace('KIM_PASSWORD', 'SHORT_PASSWORD');
    await expect(apply(written(short))).rejects.toThrow('SHORT_PASSWORD has fewer than 15 characters');
    expect(await db.select().from(user).where(eq(user.email, 'mia@example.com'))).toEqual([]);
  });
});

describe('a file that cannot be applied is refused by line', () => {
  it.each<[string, string, string]>([
    [
      'a word that is not known',
      'roles:\n  - name: cook\n    permision: {}\n',
      'seed.yaml:3: roles[0].permision: is not known here',
    ],
    ['another kind', 'clients:\n  - id: web\n    kind: website\n', 'seed.yaml:3: clients[0].kind: '],
    ['no kind', 'clients:\n\n  - id: web\n', 'seed.yaml:3: clients[0].id: names a new client'],
    [
      'an address that is none',
      'users:\n  - email: kim\n',
      'seed.yaml:2: users[0].email: is not an address.',
    ],
    [
      'a permission nobody could ask for',
      `apis:\n  - identifier: a\n    permissions:\n      "read orders": x\n`,
      'seed.yaml:4: ',
    ],
    [
      'plain http',
      'clients:\n  - id: w\n    kind: browser\n    redirectUris:\n      - http://a.example/\n',
      'seed.yaml:5: clients[0].redirectUris[0]: is plain http',
    ],
    [
      'an API that is not there',
      'roles:\n  - name: cook\n    permissions:\n      https://no.example: [x]\n',
      'seed.yaml:4: roles[0].permissions.https://no.example: there is no API',
    ],
    [
      'a permission that is not there',
      `roles:\n  - name: cook\n    permissions:\n      ${ORDERS}:\n        - read:orders\n        - eat:orders\n`,
      `seed.yaml:6: roles[0].permissions.${ORDERS}[1]: the API defines no permission "eat:orders"`,
    ],
    [
      'a role that is not there',
      'users:\n  - email: kim@example.com\n    roles:\n      - king\n',
      'seed.yaml:4: users[0].roles[0]: there is no role "king"',
    ],
    [
      'a name twice',
      'roles:\n  - name: cook\n  - name: cook\n',
      'seed.yaml:3: roles[1]: "cook" is there twice',
    ],
    ['a key twice', 'roles: []\nroles: []\n', 'seed.yaml:2: is no YAML'],
    ['text that is no YAML', 'roles:\n  - name: "cook\n', 'is no YAML'],
    ['a list', '- roles\n', 'the file: '],
    ['our own API', `apis:\n  - identifier: ${MANAGEMENT}\n`, 'seed.yaml:2: apis[0]: is our own API'],
    [
      'a new user without a password',
      'users:\n  - email: new@example.com\n',
      'seed.yaml:2: users[0]: nobody has the address',
    ],
    [
      'a variable that is not set',
      'users:\n  - email: new@example.com\n    passwordFrom: NOT_THERE\n',
      'seed.yaml:3: users[0].passwordFrom: the variable NOT_THERE is not set',
    ],
    [
      'a secret in the file',
      'users:\n  - email: new@example.com\n    passwordFrom: hunter2hunter2\n',
      'seed.yaml:3: users[0].passwordFrom: is not the name of a variable',
    ],
    ['no secret', 'clients:\n  - id: w\n    kind: machine\n', 'seed.yaml:2: clients[0]: is a machine client'],
    [
      'a secret of a browser',
      'clients:\n  - id: w\n    kind: browser\n    secretFrom: ORDERS_WEB_SECRET\n',
      'seed.yaml:4: clients[0].secretFrom: is not for a browser',
    ],
    [
      'a lifetime of tokens beyond a day',
      'apis:\n  - identifier: a\n    tokenLifetime: 86401\n',
      'seed.yaml:3: apis[0].tokenLifetime: ',
    ],
  ])('%s', async (_what, text, sentence) => {
    const before = await position();
    await expect(apply(written(text))).rejects.toThrow(sentence);
    expect(await position()).toBe(before);
  });

  it('with everything that is wrong at once', async () => {
    const text = 'users:\n  - email: kim@example.com\n    roles: [king, queen]\n';
    await expect(apply(written(text))).rejects.toThrow(/king[^]*\n[^]*queen/);
  });

  it('and nothing of it is done', async () => {
    const text = `roles:\n  - name: half\nusers:\n  - email: kim@example.com\n    roles: [king]\n`;
    await expect(apply(written(text))).rejects.toThrow('king');
    expect(await db.select().from(role).where(eq(role.name, 'half'))).toEqual([]);
    expect(await db.select().from(userRole)).not.toEqual([]);
    expect(await db.select().from(rolePermission)).not.toEqual([]);
  });

  it('when it cannot be read', async () => {
    await expect(apply(join(directory, 'nowhere.yaml'))).rejects.toThrow('cannot be read');
  });
});
