import type { DynamicModule } from '@nestjs/common';
import { tokenPermissions } from '@portcullis/permissions';
import { memoryReplayStore } from '@portcullis/stores';
import { drizzle } from 'drizzle-orm/pglite';
import { createEmbeddedItemStore } from './items/embedded-item-store.ts';
import { itemTable } from './items/item.table.ts';
import { seedingTable } from './items/seeding.table.ts';
import { MenuApiModule } from './menu-api.module.ts';
import { readSettings } from './settings.ts';

/** For `portcullis routes`, which previews the module: its database is never opened. */
export function listedApi(): DynamicModule {
  return MenuApiModule.with({
    settings: readSettings({}),
    store: createEmbeddedItemStore(drizzle.mock({ schema: { itemTable, seedingTable } })),
    seeds: [],
    replayStore: memoryReplayStore(),
    permissions: { source: tokenPermissions(), denyList: undefined, close: () => undefined },
    observers: [],
    accessObservers: [],
  });
}
