import type { KoaContextWithOIDC } from 'oidc-provider';
import type { ChangeLog, LogPosition } from '../changes/change-log.ts';
import { writePosition } from '../changes/position-text.ts';

const readAt = new WeakMap<KoaContextWithOIDC, LogPosition>();

/**
 * Notes how far the change log has come, before the permissions of a token are read: a change that comes between
 * makes the token look older than it is, and is asked about again.
 */
export async function notePosition(ctx: KoaContextWithOIDC, changes: ChangeLog): Promise<void> {
  if (!readAt.has(ctx)) readAt.set(ctx, await changes.position());
}

/** The `chg` claim: the change number that the token's permissions were read at. */
export function changeClaim(ctx: KoaContextWithOIDC): { readonly chg?: string } {
  const position = readAt.get(ctx);
  return position === undefined ? {} : { chg: writePosition(position) };
}
