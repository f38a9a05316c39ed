import { z } from 'zod';
import { text } from './text.ts';

/** Names of one API and one of its permissions, in bodies. */
export const permissionsBody = z.strictObject({
  permissions: z
    .array(z.strictObject({ resource_server_identifier: text(600), permission_name: text(280) }))
    .min(1)
    .max(1000),
});

/** As the same, with an end: ours, for what is given for a while. */
export const lendingBody = permissionsBody.extend({
  expires_at: z.iso.datetime({ offset: true }).optional(),
});

export function namedPermissions({ permissions }: z.infer<typeof permissionsBody>) {
  return permissions.map((one) => ({
    resourceServerIdentifier: one.resource_server_identifier,
    permissionName: one.permission_name,
  }));
}

/** @returns undefined for no end; one that is past ends at once */
export function endOf({ expires_at: end }: { readonly expires_at?: string | undefined }): Date | undefined {
  return end === undefined ? undefined : new Date(end);
}

export interface DescribedPermission {
  readonly name: string;
  readonly description: string;
  readonly apiName: string;
  readonly apiIdentifier: string;
}

export function wirePermission({ name, description, apiName, apiIdentifier }: DescribedPermission) {
  return {
    permission_name: name,
    description,
    resource_server_name: apiName,
    resource_server_identifier: apiIdentifier,
  };
}
