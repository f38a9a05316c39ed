import { eq } from 'drizzle-orm';
import type { Touch } from '../changes/change.ts';
import type { Database } from '../database/database.ts';
import { userRole } from '../database/schema.ts';
import type { HeldPermission } from './held-permissions.ts';

/** Above that, one line for everybody costs the listeners less than a line for each. */
const MOST_MEMBERS = 1000;

export function apisOf(permissions: readonly HeldPermission[]): string[] {
  return [...new Set(permissions.map(({ resourceServerId }) => resourceServerId))];
}

/** The users of these ids, at these APIs. */
export function touchesOfUsers(userIds: readonly string[], apiIds: readonly string[]): Touch[] {
  return userIds.length > MOST_MEMBERS
    ? apiIds.map((resourceServerId) => ({ resourceServerId }))
    : userIds.flatMap((subject) => apiIds.map((resourceServerId) => ({ subject, resourceServerId })));
}

/** The members of the role, at these APIs. */
export async function touchesOfRole(
  tx: Database,
  roleId: string,
  apiIds: readonly string[],
): Promise<Touch[]> {
  if (apiIds.length === 0) return [];
  const members = await tx
    .select({ id: userRole.userId })
    .from(userRole)
    .where(eq(userRole.roleId, roleId))
    .limit(MOST_MEMBERS + 1);
  return touchesOfUsers(
    members.map(({ id }) => id),
    apiIds,
  );
}
