import type { ApiClient } from '../api-client.ts';
import { z } from '../schema.ts';

const Moment = z.optional(z.nullable(z.union([z.number(), z.string()])));

const WhoAmI = z.object({
  kind: z.string(),
  issuer: z.string(),
  subject: z.string(),
  client: z.optional(z.nullable(z.string())),
  via: z.string(),
  tokenKind: z.optional(z.nullable(z.string())),
  scopes: z.array(z.string()),
  permissions: z.array(z.string()),
  permissionSources: z._default(z.record(z.string(), z.array(z.string())), {}),
  authTime: Moment,
  expiresAt: Moment,
});

/** How the API sees the caller: the only word on permissions that the dashboard goes by. */
export type WhoAmI = z.infer<typeof WhoAmI>;

export async function whoAmI(api: ApiClient): Promise<WhoAmI> {
  const response = await api.call('api/whoami');
  return WhoAmI.parse(await response.json());
}

/** A moment given in seconds, milliseconds or ISO form. */
export function momentOf(value: number | string | null | undefined): Date | undefined {
  if (value === null || value === undefined) return undefined;
  const date = new Date(typeof value === 'number' && value < 100_000_000_000 ? value * 1000 : value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
