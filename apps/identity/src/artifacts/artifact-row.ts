import { createHash } from 'node:crypto';
import type { AdapterPayload } from 'oidc-provider';
import type { artifact } from '../database/schema.ts';

export type Artifact = typeof artifact.$inferSelect;

/** What is to be stored: found by the hash of its identifier, which itself is in no column. */
export function artifactRow(
  model: string,
  { id, payload, expiresIn }: Storable,
): typeof artifact.$inferInsert & { readonly payload: AdapterPayload } {
  return {
    model,
    idHash: hashId(id),
    payload: withoutId(payload, id),
    // A grant's own id, too: it is in tokens and cannot be presented, and administration lists by it.
    grantId: (model === 'Grant' ? id : payload.grantId) ?? null,
    accountId: payload.accountId ?? null,
    clientId: payload.clientId ?? null,
    sessionUid: (model === 'Session' ? payload.uid : payload.sessionUid) ?? null,
    userCode: payload.userCode ?? null,
    expiresAt: expiresIn === undefined ? null : new Date(Date.now() + expiresIn * 1000),
  };
}

/** What oidc-provider asks to be kept. */
export interface Storable {
  readonly id: string;
  readonly payload: AdapterPayload;
  /** Seconds; left out: for good. */
  readonly expiresIn: number | undefined;
}

export function hashId(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}

const ID = '{id}';

/** oidc-provider repeats the identifier in `jti`, an interaction's also in the address it returns to. */
function withoutId(payload: AdapterPayload, id: string): AdapterPayload {
  const { jti, returnTo, session, ...rest } = payload;
  if (jti !== undefined && jti !== id) throw new TypeError('stored under another identifier');
  return {
    ...rest,
    ...(returnTo === undefined ? undefined : { returnTo: returnTo.replace(id, ID) }),
    ...(session === undefined ? undefined : { session: { ...session, cookie: undefined } }),
  };
}

/** As oidc-provider gave it. Found otherwise than by its identifier, it has none. */
export function payloadOf(
  { payload, consumedAt }: Pick<Artifact, 'payload' | 'consumedAt'>,
  id: string | undefined,
): AdapterPayload {
  const { returnTo } = payload;
  return {
    ...payload,
    ...(id === undefined ? undefined : { jti: id }),
    ...(id !== undefined && returnTo !== undefined ? { returnTo: returnTo.replace(ID, id) } : undefined),
    ...(consumedAt === null ? undefined : { consumed: Math.floor(consumedAt.getTime() / 1000) }),
  };
}
