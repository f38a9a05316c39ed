import type { ArtifactRow } from './artifact-rows.ts';

export function wireSession({ publicId, accountId, createdAt, expiresAt, payload }: ArtifactRow) {
  const loggedInAt = typeof payload['loginTs'] === 'number' ? new Date(payload['loginTs'] * 1000) : undefined;
  return {
    id: publicId,
    user_id: accountId,
    created_at: createdAt,
    updated_at: createdAt,
    authenticated_at: loggedInAt ?? createdAt,
    expires_at: expiresAt,
    clients: Object.keys(payload.authorizations ?? {}).map((client_id) => ({ client_id })),
    authentication: {
      methods: (Array.isArray(payload['amr']) ? payload['amr'] : []).map((name: unknown) => ({
        name,
        timestamp: loggedInAt ?? createdAt,
      })),
    },
  };
}
