import { inArray } from 'drizzle-orm';
import type { ChangeLog } from '../changes/change-log.ts';
import type { Actor } from '../changes/actor.ts';
import type { Database } from '../database/database.ts';
import { user } from '../database/schema.ts';
import { passwordObjection } from '../people/password-policy.ts';
import { hashPassword } from '../people/password.ts';
import { SeedRefused } from './described-seed.ts';
import type { SeedFile } from './seed-file.ts';
import { SeedApplication, type Difference } from './seed-application.ts';
import { applyApi, pruneApis } from './seeded-apis.ts';
import { applyClient, pruneClients } from './seeded-clients.ts';
import { applyRole, pruneRoles } from './seeded-roles.ts';
import { applyUser } from './seeded-users.ts';

export interface ApplyOptions {
  readonly actor: Actor;
  /** Shows what would be, and leaves everything as it is. */
  readonly dryRun?: boolean;
  /** Takes away what the file does not name, too. */
  readonly prune?: boolean;
  /** Of the variables that the file names; undefined for one that is not set. */
  readonly secret: (variable: string) => string | undefined;
}

/**
 * Makes everything as the file says, in one transaction. Applied again, it changes nothing.
 *
 * @returns what was different
 * @throws SeedRefused when the file names what is not there, or would leave nobody to administrate
 */
export async function applySeed(
  db: Database,
  changes: ChangeLog,
  seed: SeedFile,
  options: ApplyOptions,
): Promise<readonly Difference[]> {
  // Before the transaction: everybody who changes something would wait for the work that a hash is.
  const passwordHashes = await hashesOfNew(db, seed, options);
  let differences: readonly Difference[] = [];
  try {
    await changes.write(options.actor, async (tx, record) => {
      differences = await applyAll(new SeedApplication({ tx, record, passwordHashes, ...options }), seed);
      if (options.dryRun) throw new OnlyTried();
    });
  } catch (error) {
    if (!(error instanceof OnlyTried)) throw error;
  }
  return differences;
}

async function applyAll(
  on: SeedApplication,
  { apis, roles, clients, users }: SeedFile,
): Promise<readonly Difference[]> {
  const apiNames = apis?.map(({ identifier }) => identifier);
  const roleNames = roles?.map(({ name }) => name);
  const clientIds = clients?.map(({ id }) => id);
  on.refuseTwice('apis', apiNames);
  on.refuseTwice('roles', roleNames);
  on.refuseTwice('clients', clientIds);
  on.refuseTwice(
    'users',
    users?.map(({ email }) => email),
  );
  const administrators = await on.administrators();

  await on.readApis();
  for (const [index, one] of (apis ?? []).entries()) await applyApi(on, one, ['apis', index]);
  await on.readApis();
  for (const [index, one] of (roles ?? []).entries()) await applyRole(on, one, ['roles', index]);
  for (const [index, one] of (clients ?? []).entries()) await applyClient(on, one, ['clients', index]);
  for (const [index, one] of (users ?? []).entries()) await applyUser(on, one, ['users', index]);
  // Of the kinds that the file speaks of at all. People are never deleted by a file.
  if (on.prune && clientIds) await pruneClients(on, clientIds);
  if (on.prune && roleNames) await pruneRoles(on, roleNames);
  if (on.prune && apiNames) await pruneApis(on, apiNames);

  if (administrators > 0 && (await on.administrators()) === 0)
    on.complain([], 'would leave nobody who may administrate');
  return on.finish();
}

/** Takes back what a dry run did: what it shows is thereby what an application would do. */
class OnlyTried extends Error {}

async function hashesOfNew(
  db: Database,
  { users = [] }: SeedFile,
  { secret }: ApplyOptions,
): Promise<ReadonlyMap<string, string>> {
  const emails = users.map(({ email }) => email);
  const there = await db.select({ email: user.email }).from(user).where(inArray(user.email, emails));
  const known = new Set(there.map(({ email }) => email));
  const hashes = new Map<string, string>();
  for (const [index, { email, passwordFrom }] of users.entries()) {
    if (known.has(email)) continue;
    const path = ['users', index, 'passwordFrom'];
    const password = passwordFrom === undefined ? undefined : secret(passwordFrom);
    if (password === undefined)
      throw new SeedRefused([
        {
          path: passwordFrom === undefined ? path.slice(0, 2) : path,
          wrong:
            passwordFrom === undefined
              ? `nobody has the address ${email} yet: name the variable of a first password as passwordFrom`
              : `the variable ${passwordFrom} is not set`,
        },
      ]);
    const objection = passwordObjection(password, { email, administers: false });
    if (objection !== undefined)
      throw new SeedRefused([{ path, wrong: `the password in ${passwordFrom} ${objection}` }]);
    hashes.set(email, await hashPassword(password));
  }
  return hashes;
}
