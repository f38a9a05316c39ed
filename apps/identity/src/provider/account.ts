import type { Account, Client } from 'oidc-provider';
import { isFirstParty } from '../clients/client-traits.ts';
import type { ResourceServerStore } from '../people/resource-server-store.ts';
import type { User, UserStore } from '../people/user-store.ts';

/** Each API's `roles` claim, in both forms that guides use: resolved against the identifier, and appended to it. */
export function roleClaims(audiences: readonly string[]): string[] {
  return [
    ...new Set(
      audiences.flatMap((audience) => [
        ...(URL.canParse('roles', audience) ? [new URL('roles', audience).href] : []),
        `${audience.replace(/\/$/, '')}/roles`,
      ]),
    ),
  ];
}

/** The user behind an account id; undefined when deleted or blocked, which ends logins and refreshes alike. */
export async function findAccount(
  id: string,
  users: UserStore,
  apis: ResourceServerStore,
  client: Client | undefined,
): Promise<Account | undefined> {
  const user = await users.find(id);
  if (!user || user.blocked) return undefined;
  return {
    accountId: user.id,
    claims: async () => {
      // Nobody asks a user whether a stranger may know their roles.
      if (!client || !isFirstParty(client)) return profile(user);
      const [roles, audiences] = await Promise.all([users.roles(user.id), apis.audiences()]);
      return { ...profile(user), ...Object.fromEntries(roleClaims(audiences).map((name) => [name, roles])) };
    },
  };
}

export function profile(user: User) {
  return {
    sub: user.id,
    name: user.name,
    nickname: user.nickname,
    ...(user.picture === null ? undefined : { picture: user.picture }),
    email: user.email,
    email_verified: user.emailVerified,
    updated_at: Math.floor(user.updatedAt.getTime() / 1000),
  };
}
