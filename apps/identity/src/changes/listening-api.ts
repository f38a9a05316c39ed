import { ForbiddenException, Inject, Injectable } from '@nestjs/common';
import type { Caller } from '@portcullis/http';
import { and, eq } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import {
  client,
  clientGrant,
  clientGrantPermission,
  permission,
  resourceServer,
} from '../database/schema.ts';
import { unexpired } from '../database/unexpired.ts';
import type { Api } from '../people/resource-server-store.ts';
import { DATABASE } from '../identity.tokens.ts';

/** Which API a caller is: clients that are one may ask about it, and about no other. */
@Injectable()
export class ListeningApis {
  private readonly db: Database;

  constructor(@Inject(DATABASE) db: Database) {
    this.db = db;
  }

  /** @throws ForbiddenException when the caller is no API, or not any more */
  async of(caller: Caller): Promise<Pick<Api, 'id' | 'identifier'>> {
    const [api] = await this.db
      .select({ id: resourceServer.id, identifier: resourceServer.identifier })
      .from(client)
      .innerJoin(resourceServer, eq(resourceServer.id, client.resourceServerId))
      .where(and(eq(client.id, caller.client ?? ''), eq(client.enabled, true)));
    if (api && caller.kind === 'machine') return api;
    throw new ForbiddenException('this is for the client that an API itself is, about that API');
  }

  /** The same for a listener that goes on after its request: whether it still may. */
  async stillMay(caller: Caller, name: string, audience: string): Promise<boolean> {
    const [found] = await this.db
      .select({ name: permission.name })
      .from(client)
      .innerJoin(clientGrant, eq(clientGrant.clientId, client.id))
      .innerJoin(clientGrantPermission, eq(clientGrantPermission.clientGrantId, clientGrant.id))
      .innerJoin(permission, eq(permission.id, clientGrantPermission.permissionId))
      .innerJoin(resourceServer, eq(resourceServer.id, permission.resourceServerId))
      .where(
        and(
          eq(client.id, caller.client ?? ''),
          eq(client.enabled, true),
          eq(resourceServer.identifier, audience),
          eq(permission.name, name),
          unexpired(clientGrantPermission.expiresAt),
        ),
      );
    return found !== undefined;
  }
}
