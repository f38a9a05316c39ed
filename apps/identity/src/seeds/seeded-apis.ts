import { and, eq, notInArray } from 'drizzle-orm';
import { permission, resourceServer, resourceServerAlias } from '../database/schema.ts';
import type { SeedPath } from './described-seed.ts';
import { newId } from '../authority/new-id.ts';
import { changed, present, type SeedApplication } from './seed-application.ts';
import type { SeededApi } from './seed-file.ts';

export async function applyApi(on: SeedApplication, wanted: SeededApi, path: SeedPath): Promise<void> {
  const { identifier, permissions = {}, aliases = [], ...rest } = wanted;
  const found = on.apis.get(identifier);
  if (found?.isSystem) return on.complain(path, 'is our own API, which no file describes');
  const id = found?.id ?? newId('rs');
  const target = { kind: 'api', id };
  if (found === undefined) {
    await on.tx
      .insert(resourceServer)
      .values({ ...present(rest), id, identifier, name: rest.name ?? identifier });
    await on.did('+', `API ${identifier}`, {
      action: 'api.create',
      target,
      after: { identifier, ...rest },
    });
  } else {
    const change = changed(found, rest);
    if (change) {
      await on.tx.update(resourceServer).set(change.after).where(eq(resourceServer.id, id));
      const touches = [{ resourceServerId: id }];
      await on.did('~', `API ${identifier}: ${change.label}`, {
        action: 'api.update',
        target,
        ...change,
        touches,
      });
    }
  }
  await applyAliases(on, id, identifier, aliases, path);
  await applyApiPermissions(on, id, identifier, permissions);
}

async function applyAliases(
  on: SeedApplication,
  id: string,
  identifier: string,
  aliases: readonly string[],
  path: SeedPath,
): Promise<void> {
  const there = await on.tx.select().from(resourceServerAlias);
  const owner = new Map(there.map((row) => [row.alias, row.resourceServerId]));
  for (const [index, alias] of aliases.entries()) {
    const of = owner.get(alias) ?? on.apis.get(alias)?.id;
    if (of === id) continue;
    if (of !== undefined) {
      on.complain([...path, 'aliases', index], 'is the name of another API already');
      continue;
    }
    await on.tx.insert(resourceServerAlias).values({ alias, resourceServerId: id });
    await on.did('+', `alias ${alias} of API ${identifier}`, {
      action: 'api.update',
      target: { kind: 'api', id },
      after: { alias },
    });
  }
}

async function applyApiPermissions(
  on: SeedApplication,
  resourceServerId: string,
  identifier: string,
  wanted: Readonly<Record<string, string>>,
): Promise<void> {
  const there = await on.tx
    .select()
    .from(permission)
    .where(eq(permission.resourceServerId, resourceServerId));
  const target = { kind: 'api', id: resourceServerId };
  for (const [name, description] of Object.entries(wanted)) {
    const found = there.find((row) => row.name === name);
    const label = `permission ${name} of API ${identifier}`;
    if (found === undefined) {
      await on.tx.insert(permission).values({ id: newId('per'), resourceServerId, name, description });
      await on.did('+', label, { action: 'api.permissions.add', target, after: { name, description } });
    } else if (found.description !== description) {
      await on.tx.update(permission).set({ description }).where(eq(permission.id, found.id));
      await on.did('~', `${label}: description`, {
        action: 'api.permissions.update',
        target,
        before: { name, description: found.description },
        after: { name, description },
      });
    }
  }
  if (!on.prune) return;
  for (const { id, name } of there.filter((row) => !Object.hasOwn(wanted, row.name))) {
    await on.tx.delete(permission).where(eq(permission.id, id));
    await on.did('-', `permission ${name} of API ${identifier}, with everything it was given to`, {
      action: 'api.permissions.remove',
      target,
      before: { name },
      touches: [{ resourceServerId }],
    });
  }
}

export async function pruneApis(on: SeedApplication, kept: readonly string[]): Promise<void> {
  const unnamed = await on.tx
    .select()
    .from(resourceServer)
    .where(and(notInArray(resourceServer.identifier, [...kept]), eq(resourceServer.isSystem, false)));
  for (const { id, identifier } of unnamed) {
    await on.tx.delete(resourceServer).where(eq(resourceServer.id, id));
    await on.did('-', `API ${identifier}, with its permissions`, {
      action: 'api.delete',
      target: { kind: 'api', id },
      before: { identifier },
      touches: [{ resourceServerId: id }],
    });
  }
}
