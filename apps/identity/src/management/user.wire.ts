import type { User } from '../people/user-store.ts';

/** The one connection that there is: users with a password. */
export const CONNECTION = 'Username-Password-Authentication';

export function wireUser(user: User) {
  return {
    user_id: user.id,
    email: user.email,
    email_verified: user.emailVerified,
    name: user.name,
    nickname: user.nickname,
    picture: user.picture ?? undefined,
    blocked: user.blocked,
    user_metadata: user.userMetadata,
    app_metadata: user.appMetadata,
    identities: [
      {
        connection: CONNECTION,
        provider: 'auth0',
        user_id: user.id.slice(user.id.indexOf('|') + 1),
        isSocial: false,
      },
    ],
    created_at: user.createdAt,
    updated_at: user.updatedAt,
    last_password_reset: user.passwordChangedAt,
    last_login: user.lastLoginAt ?? undefined,
    logins_count: user.loginsCount,
  };
}
