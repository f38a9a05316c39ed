import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { Administration } from '../authority/administration.ts';
import { ApiAdministration } from '../authority/api-administration.ts';
import { ClientAdministration } from '../authority/client-administration.ts';
import { ClientGrantAdministration } from '../authority/client-grant-administration.ts';
import { RoleAdministration } from '../authority/role-administration.ts';
import { UserAdministration } from '../authority/user-administration.ts';
import { ChangeLog } from '../changes/change-log.ts';
import type { Database } from '../database/database.ts';
import { DATABASE, SETTINGS } from '../identity.tokens.ts';
import { KeyRing } from '../keys/key-ring.ts';
import { Revocations } from '../revocation/revocations.ts';
import type { Settings } from '../settings.ts';
import { ClientGrantsController } from './client-grants.controller.ts';
import { ClientsController } from './clients.controller.ts';
import { DeviceCredentialsController } from './device-credentials.controller.ts';
import { GrantsController } from './grants.controller.ts';
import { LogsController, UserLogsController } from './logs.controller.ts';
import { ManagementErrorFilter } from './management-error.filter.ts';
import { RateLimit } from './rate-limit.ts';
import { RefreshTokenRows } from './refresh-token-rows.ts';
import { RefreshTokensController } from './refresh-tokens.controller.ts';
import { ResourceServersController } from './resource-servers.controller.ts';
import { RolesController } from './roles.controller.ts';
import { SessionsController } from './sessions.controller.ts';
import { SigningKeysController } from './signing-keys.controller.ts';
import { UserAuthorityController } from './user-authority.controller.ts';
import { UserSessionsController } from './user-sessions.controller.ts';
import { UsersByEmailController, UsersController } from './users.controller.ts';

/**
 * The Management API, below `/api/v2/`. To be imported after PortcullisModule: of two filters that take the same
 * error, Nest asks that of the later module.
 */
@Module({})
export class ManagementModule {
  static on({ keys }: { readonly keys: KeyRing }): DynamicModule {
    return {
      module: ManagementModule,
      controllers: [
        UsersController,
        UsersByEmailController,
        UserAuthorityController,
        UserSessionsController,
        UserLogsController,
        RolesController,
        ResourceServersController,
        ClientsController,
        ClientGrantsController,
        GrantsController,
        DeviceCredentialsController,
        RefreshTokensController,
        SessionsController,
        SigningKeysController,
        LogsController,
      ],
      providers: [
        { provide: APP_FILTER, useClass: ManagementErrorFilter },
        { provide: KeyRing, useValue: keys },
        {
          provide: RateLimit,
          inject: [SETTINGS],
          useFactory: ({ managementRateLimit }: Settings) => new RateLimit(managementRateLimit),
        },
        {
          provide: Administration,
          inject: [ChangeLog],
          useFactory: (changes: ChangeLog) => new Administration(changes),
        },
        {
          provide: UserAdministration,
          inject: [Administration, Revocations],
          useFactory: (administration: Administration, revocations: Revocations) =>
            new UserAdministration(administration, revocations),
        },
        ...[RoleAdministration, ApiAdministration, ClientAdministration, ClientGrantAdministration].map(
          (Writer) => ({
            provide: Writer,
            inject: [Administration],
            useFactory: (administration: Administration) => new Writer(administration),
          }),
        ),
        {
          provide: RefreshTokenRows,
          inject: [DATABASE, ChangeLog, Revocations],
          useFactory: (db: Database, changes: ChangeLog, revocations: Revocations) =>
            new RefreshTokenRows(db, changes, revocations),
        },
      ],
    };
  }
}
