import {
  auth0Lookup,
  changeFeed,
  intersect,
  live,
  permissionsPerIssuer,
  tokenPermissions,
  type ChangeFeed,
  type PermissionObserver,
  type PermissionSource,
} from '@portcullis/permissions';
import { createDenyList, type DenyList } from '@portcullis/tokens';
import { readFile } from 'node:fs/promises';
import type { Settings } from '../settings.ts';
import type { PermissionSettings } from '../settings/permission-settings.ts';
import { DenyListPerIssuer } from './deny-list-per-issuer.ts';

type Asked = Exclude<PermissionSettings, { readonly from: 'token' }>;

export interface Permissions {
  readonly source: PermissionSource;
  /** Undefined where no issuer tells what it revoked. */
  readonly denyList: DenyList | undefined;
  close(): void;
}

/** Follows or asks each issuer that is to be followed or asked, from now on. */
export function openPermissions(
  { permissions, audience: [audience = ''], firstPartyClients }: Settings,
  observers: readonly PermissionObserver[],
): Permissions {
  const feeds: ChangeFeed[] = [];
  const sources: Record<string, PermissionSource> = {};
  const denyLists = new Map<string, DenyList>();
  const shared = { firstPartyClients, observer: observers };

  const follow = (asked: Asked): ChangeFeed => {
    const { issuer } = asked;
    const feed = changeFeed({
      ...clientOf(asked),
      // Named after the issuer, wherever it is reached.
      managementAudience: `${issuer}api/v2/`,
      issuer,
      audience,
      observer: observers,
    });
    feeds.push(feed);
    denyLists.set(issuer, createDenyList({ source: feed.revocations }));
    return feed;
  };
  for (const one of permissions) {
    if (one.from === 'token') continue;
    if (one.provider === 'auth0') {
      const lookup = auth0Lookup({ ...clientOf(one), audience });
      sources[one.issuer] = live({ ...shared, issuer: one.issuer, audience, lookup });
    } else {
      const feed = follow(one);
      sources[one.issuer] = one.from === 'live' ? live({ ...shared, feed }) : intersect({ ...shared, feed });
    }
  }
  const denyList = denyLists.size === 0 ? undefined : new DenyListPerIssuer(denyLists);
  return {
    // A provider may have several identifiers, such as Entra's two versions: those are never among the asked.
    source: permissionsPerIssuer(sources, tokenPermissions({ firstPartyClients })),
    denyList,
    close: () => {
      denyList?.close();
      for (const feed of feeds) feed.close();
    },
  };
}

/** The embedded provider writes the file at its first start, which may be later than ours. */
function clientOf({ managementApi, clientId, clientSecret }: Asked) {
  return {
    managementApi,
    clientId,
    clientSecret:
      'text' in clientSecret
        ? clientSecret.text
        : async () => (await readFile(clientSecret.file, 'utf8')).trim(),
  };
}
