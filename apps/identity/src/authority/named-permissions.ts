import { eq } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { resourceServer } from '../database/schema.ts';
import { permissionsNamed, type HeldPermission } from './held-permissions.ts';
import { Absent, Unfit } from './refused-change.ts';

/** A permission by the name of its API and its own. */
export interface NamedPermission {
  readonly resourceServerIdentifier: string;
  readonly permissionName: string;
}

/**
 * @throws Absent for an API that is not there
 * @throws Unfit for a permission that its API does not define
 */
export async function findNamedPermissions(
  tx: Database,
  named: readonly NamedPermission[],
): Promise<HeldPermission[]> {
  const found: HeldPermission[] = [];
  for (const [identifier, wanted] of Map.groupBy(named, (one) => one.resourceServerIdentifier)) {
    const [api] = await tx
      .select({ id: resourceServer.id })
      .from(resourceServer)
      .where(eq(resourceServer.identifier, identifier));
    if (!api) throw new Absent('resource_server');
    found.push(
      ...(await permissionsOfNames(
        tx,
        api.id,
        wanted.map(({ permissionName }) => permissionName),
      )),
    );
  }
  return found;
}

/** @throws Unfit for a permission that the API does not define */
export async function permissionsOfNames(
  tx: Database,
  resourceServerId: string,
  names: readonly string[],
): Promise<HeldPermission[]> {
  const found = await permissionsNamed(tx, resourceServerId, names);
  const known = new Set(found.map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Unfit(`The API does not define ${unknown.join(', ')}.`);
  return found;
}
