import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { resourceMetadataUrl } from '@portcullis/http';
import {
  JsonBodyInterceptor,
  PortcullisModule,
  ProblemDetailsFilter,
  type AccessObserver,
} from '@portcullis/nest';
import { PortcullisPassportGuard } from '@portcullis/nest/passport';
import type { Observer, ReplayStore } from '@portcullis/tokens';
import { HealthController } from './health/health.controller.ts';
import { FieldsPipe } from './items/fields.pipe.ts';
import type { NewItem } from './items/item.ts';
import { ITEM_STORE, type ItemStore } from './items/item-store.ts';
import { ItemsController } from './items/items.controller.ts';
import { MenuController, SEED_ITEMS } from './items/menu.controller.ts';
import { ResourceMetadataController, SETTINGS } from './resource-metadata/resource-metadata.controller.ts';
import type { Permissions } from './permissions/open-permissions.ts';
import type { Settings } from './settings.ts';
import { WhoamiController } from './whoami/whoami.controller.ts';

/** Bytes. The longest valid item is under 20 kB, whatever its script. */
const BODY_LIMIT = 32_768;

@Module({})
export class MenuApiModule {
  static with(parts: {
    readonly settings: Settings;
    readonly store: ItemStore;
    readonly seeds: readonly NewItem[];
    readonly replayStore: ReplayStore;
    readonly permissions: Permissions;
    readonly observers: readonly Observer[];
    readonly accessObservers: readonly AccessObserver[];
  }): DynamicModule {
    const { settings, store, seeds, replayStore, permissions, observers, accessObservers } = parts;
    const { firstPartyIdTokens } = settings;
    return {
      module: MenuApiModule,
      imports: [
        PortcullisModule.forRoot({
          issuer: settings.issuers,
          audience: settings.audience,
          firstPartyClients: settings.firstPartyClients,
          permissions: permissions.source,
          ...(permissions.denyList === undefined ? {} : { denyList: permissions.denyList }),
          production: settings.production,
          door: settings.door === 'passport' ? PortcullisPassportGuard : settings.door,
          resourceMetadata: resourceMetadataUrl(settings.publicUrl),
          dpop: { publicUrl: settings.publicUrl, replayStore },
          observer: observers,
          accessObserver: accessObservers,
          ...(firstPartyIdTokens.length === 0 ? {} : { firstPartyIdTokens }),
        }),
      ],
      controllers: [
        ItemsController,
        MenuController,
        WhoamiController,
        ResourceMetadataController,
        HealthController,
      ],
      providers: [
        { provide: ITEM_STORE, useValue: store },
        { provide: SEED_ITEMS, useValue: seeds },
        { provide: SETTINGS, useValue: settings },
        { provide: APP_FILTER, useClass: ProblemDetailsFilter },
        { provide: APP_PIPE, useClass: FieldsPipe },
        {
          provide: APP_INTERCEPTOR,
          useValue: new JsonBodyInterceptor({
            limit: BODY_LIMIT,
            mediaTypes: ['application/json', 'application/merge-patch+json'],
          }),
        },
      ],
    };
  }
}
