import { Module, type DynamicModule } from '@nestjs/common';
import type { Database } from '../database/database.ts';
import { ChangeLog } from './change-log.ts';
import { ChangePages } from './change-pages.ts';
import { ChangeStreams } from './change-stream.ts';
import { ChangesController } from './changes.controller.ts';
import { MANAGEMENT_AUDIENCE } from './changes.tokens.ts';
import { EffectivePermissionReader } from './effective-permissions.ts';
import { ListeningApis } from './listening-api.ts';

/** What an API follows: `/api/v2/changes`, its stream, and `/api/v2/effective-permissions`. */
@Module({})
export class ChangesModule {
  /** @param parts.audience the identifier of the Management API */
  static on(parts: {
    readonly db: Database;
    readonly changes: ChangeLog;
    readonly audience: string;
  }): DynamicModule {
    return {
      module: ChangesModule,
      controllers: [ChangesController],
      providers: [
        { provide: ChangeLog, useValue: parts.changes },
        { provide: ChangePages, useValue: new ChangePages(parts.db, parts.changes) },
        { provide: EffectivePermissionReader, useValue: new EffectivePermissionReader(parts.db) },
        { provide: MANAGEMENT_AUDIENCE, useValue: parts.audience },
        ListeningApis,
        ChangeStreams,
      ],
    };
  }
}
