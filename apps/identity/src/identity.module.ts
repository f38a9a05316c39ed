import { Module, type DynamicModule } from '@nestjs/common';
import { PortcullisModule, type PortcullisOptions } from '@portcullis/nest';
import type { Log } from '@portcullis/service';
import { Provider } from 'oidc-provider';
import { AccountController } from './account/account.controller.tsx';
import { AccountVisits } from './account/account-visit.ts';
import { ChangeLog } from './changes/change-log.ts';
import { ChangesModule } from './changes/changes.module.ts';
import type { Database } from './database/database.ts';
import { HealthController } from './http/health.controller.ts';
import { DATABASE, LOG, SETTINGS } from './identity.tokens.ts';
import { Consent } from './interaction/consent.ts';
import { Interactions } from './interaction/current-interaction.ts';
import { FormToken } from './interaction/form-token.ts';
import { InteractionController } from './interaction/interaction.controller.tsx';
import { KeyRing } from './keys/key-ring.ts';
import { ManagementModule } from './management/management.module.ts';
import { managementAudience } from './management/management-permissions.ts';
import { AssetsController } from './pages/assets.controller.ts';
import { BrowserSessionStore } from './people/browser-session-store.ts';
import { ConsentStore } from './people/consent-store.ts';
import { LoginAttempts } from './people/login-attempts.ts';
import { PasswordChange } from './people/password-change.ts';
import { PasswordLogin } from './people/password-login.ts';
import { ResourceServerStore } from './people/resource-server-store.ts';
import { UserStore } from './people/user-store.ts';
import { Revocations } from './revocation/revocations.ts';
import type { Settings } from './settings.ts';

@Module({})
export class IdentityModule {
  /** With what was opened before Nest: the database's stores and the provider on them. */
  static on(parts: {
    readonly settings: Settings;
    readonly db: Database;
    /** For whom the Management API answers. */
    readonly access: PortcullisOptions;
    readonly provider: Provider;
    readonly users: UserStore;
    readonly apis: ResourceServerStore;
    readonly changes: ChangeLog;
    readonly revocations: Revocations;
    readonly keys: KeyRing;
    readonly formToken: FormToken;
    readonly attempts: LoginAttempts;
    readonly login: PasswordLogin;
    readonly passwords: PasswordChange;
    readonly consents: ConsentStore;
    readonly sessions: BrowserSessionStore;
    readonly log: Log;
  }): DynamicModule {
    return {
      module: IdentityModule,
      // What was opened before Nest is there for every part of it.
      global: true,
      imports: [
        PortcullisModule.forRoot(parts.access),
        ManagementModule.on(parts),
        ChangesModule.on({
          db: parts.db,
          changes: parts.changes,
          audience: managementAudience(parts.settings.issuer),
        }),
      ],
      controllers: [InteractionController, AccountController, AssetsController, HealthController],
      providers: [
        { provide: Provider, useValue: parts.provider },
        { provide: UserStore, useValue: parts.users },
        { provide: ResourceServerStore, useValue: parts.apis },
        { provide: ChangeLog, useValue: parts.changes },
        { provide: Revocations, useValue: parts.revocations },
        { provide: KeyRing, useValue: parts.keys },
        { provide: FormToken, useValue: parts.formToken },
        { provide: LoginAttempts, useValue: parts.attempts },
        { provide: PasswordLogin, useValue: parts.login },
        { provide: PasswordChange, useValue: parts.passwords },
        { provide: ConsentStore, useValue: parts.consents },
        { provide: BrowserSessionStore, useValue: parts.sessions },
        { provide: LOG, useValue: parts.log },
        { provide: DATABASE, useValue: parts.db },
        { provide: SETTINGS, useValue: parts.settings },
        Interactions,
        Consent,
        AccountVisits,
      ],
      exports: [Provider, UserStore, ResourceServerStore, ChangeLog, Revocations, LOG, DATABASE, SETTINGS],
    };
  }
}
