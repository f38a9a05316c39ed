import type { DynamicModule } from '@nestjs/common';
import { createLog } from '@portcullis/service';
import { createDenyList } from '@portcullis/tokens';
import { drizzle } from 'drizzle-orm/pglite';
import { Provider } from 'oidc-provider';
import { ChangeLog } from './changes/change-log.ts';
import * as schema from './database/schema.ts';
import { IdentityModule } from './identity.module.ts';
import { FormToken } from './interaction/form-token.ts';
import { KeyRing } from './keys/key-ring.ts';
import { managementAccess } from './management/management-access.ts';
import { BrowserSessionStore } from './people/browser-session-store.ts';
import { ConsentStore } from './people/consent-store.ts';
import { KnownBrowser } from './people/known-browser.ts';
import { LoginAttempts } from './people/login-attempts.ts';
import { LoginLog } from './people/login-log.ts';
import { PasswordChange } from './people/password-change.ts';
import { PasswordLogin } from './people/password-login.ts';
import { ResourceServerStore } from './people/resource-server-store.ts';
import { UserStore } from './people/user-store.ts';
import { Revocations } from './revocation/revocations.ts';
import { readSettings } from './settings.ts';

/** For `portcullis routes`, which previews the module: its database is never opened. */
export function listedIdentity(): DynamicModule {
  const settings = readSettings({});
  const log = createLog({ name: 'identity', level: 'silent' });
  const db = drizzle.mock({ schema });
  const changes = new ChangeLog(db, { longestToken: settings.accessTokenTtl });
  const nothing = { position: { incarnation: '', number: 0 }, snapshot: true, revocations: [] };
  const denyList = createDenyList({ source: { read: () => Promise.resolve(nothing) } });
  denyList.close();
  const key = new Uint8Array(32);
  const revocations = new Revocations(db, changes);
  const users = new UserStore(db);
  const attempts = new LoginAttempts(db, key);
  const loginLog = new LoginLog(log);
  return IdentityModule.on({
    settings,
    db,
    access: managementAccess({ issuer: settings.issuer, db, denyList, keys: () => ({ keys: [] }), log }),
    // Nothing of it is asked; a real one warns about what it was not given.
    provider: Object.create(Provider.prototype),
    users,
    apis: new ResourceServerStore(db),
    changes,
    revocations,
    keys: new KeyRing({ db, changes, log, encryptionKey: key, rotation: 1, lead: 1, longestToken: 1 }),
    formToken: new FormToken(key),
    attempts,
    login: new PasswordLogin({
      users,
      attempts,
      browsers: new KnownBrowser(key, { secure: true }),
      log: loginLog,
    }),
    passwords: new PasswordChange(users, changes, revocations),
    consents: new ConsentStore(db, changes, revocations),
    sessions: new BrowserSessionStore(db),
    log,
  });
}
