import { Module, type DynamicModule } from '@nestjs/common';
import type { Log } from '@portcullis/service';
import { Provider } from 'oidc-provider';
import { ChangeLog } from './changes/change-log.ts';
import { HealthController } from './http/health.controller.ts';
import { LOG } from './identity.tokens.ts';
import { Consent } from './interaction/consent.ts';
import { Interactions } from './interaction/current-interaction.ts';
import { FormToken } from './interaction/form-token.ts';
import { InteractionController } from './interaction/interaction.controller.tsx';
import { KeyRing } from './keys/key-ring.ts';
import { AssetsController } from './pages/assets.controller.ts';
import { ResourceServerStore } from './people/resource-server-store.ts';
import { UserStore } from './people/user-store.ts';
import { Revocations } from './revocation/revocations.ts';

@Module({})
export class IdentityModule {
  /** With what was opened before Nest: the database's stores and the provider on them. */
  static on(parts: {
    readonly provider: Provider;
    readonly users: UserStore;
    readonly apis: ResourceServerStore;
    readonly changes: ChangeLog;
    readonly revocations: Revocations;
    readonly keys: KeyRing;
    readonly formToken: FormToken;
    readonly log: Log;
  }): DynamicModule {
    return {
      module: IdentityModule,
      controllers: [InteractionController, AssetsController, HealthController],
      providers: [
        { provide: Provider, useValue: parts.provider },
        { provide: UserStore, useValue: parts.users },
        { provide: ResourceServerStore, useValue: parts.apis },
        { provide: ChangeLog, useValue: parts.changes },
        { provide: Revocations, useValue: parts.revocations },
        { provide: KeyRing, useValue: parts.keys },
        { provide: FormToken, useValue: parts.formToken },
        { provide: LOG, useValue: parts.log },
        Interactions,
        Consent,
      ],
    };
  }
}
