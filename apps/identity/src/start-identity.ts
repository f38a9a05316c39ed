import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import { createDenyList, type DenyList } from '@portcullis/tokens';
import { createLog, listen, nestLogger, type RunningService } from '@portcullis/service';
import type { AdapterFactory } from 'oidc-provider';
import { DevicePolls } from './artifacts/device-polls.ts';
import { ArtifactAdapter } from './artifacts/artifact.adapter.ts';
import { sweepExpired } from './artifacts/artifact-sweep.ts';
import { RefreshRotation } from './artifacts/refresh-rotation.ts';
import { keepAuditAppendOnly } from './audit/append-only.ts';
import { AuditAnchor } from './audit/audit-anchor.ts';
import { CheckpointKey } from './audit/checkpoint.ts';
import { ClientAdapter } from './clients/client.adapter.ts';
import { lapseAuthority } from './authority/lapse.ts';
import { ChangeLog } from './changes/change-log.ts';
import { LONGEST_TOKEN_LIFETIME } from './changes/longest-token-lifetime.ts';
import { openDatabase, type Database } from './database/database.ts';
import { allowedHost } from './http/allowed-host.ts';
import { readJsonStrictly } from './http/json-bodies.ts';
import { mountProvider } from './http/provider-mount.ts';
import { securityHeaders } from './http/security-headers.ts';
import { IdentityModule } from './identity.module.ts';
import { FormToken } from './interaction/form-token.ts';
import { deriveKey } from './keys/derived-key.ts';
import { keyEncryptionSecret } from './keys/key-encryption-secret.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { openKeyRing } from './keys/open-key-ring.ts';
import { deferLogoutTokens } from './logout/deferred-logout-tokens.ts';
import { LogoutDelivery } from './logout/logout-delivery.ts';
import { crossOrigin } from './management/cross-origin.ts';
import { managementAccess } from './management/management-access.ts';
import { OwnRevocations } from './management/own-revocations.ts';
import { BrowserSessionStore } from './people/browser-session-store.ts';
import { ConsentStore } from './people/consent-store.ts';
import { KnownBrowser } from './people/known-browser.ts';
import { LoginAttempts } from './people/login-attempts.ts';
import { LoginLog } from './people/login-log.ts';
import { sweepLogins } from './people/login-sweep.ts';
import { PasswordChange } from './people/password-change.ts';
import { PasswordLogin } from './people/password-login.ts';
import { ResourceServerStore } from './people/resource-server-store.ts';
import { UserStore } from './people/user-store.ts';
import { createProvider } from './provider/provider.ts';
import { Denials } from './revocation/denials.ts';
import { Revocations } from './revocation/revocations.ts';
import { followManagementApi } from './seeds/management-api.ts';
import { followMenuApiClient } from './seeds/menu-api-client.ts';
import { seed } from './seeds/seed.ts';
import type { Settings } from './settings.ts';

export interface RunningIdentity extends RunningService {
  /** For whoever runs it inside a process of theirs, as tests do. */
  readonly keys: KeyRing;
}

const BODY_LIMIT = 16 * 1024;

export interface OpenedParts {
  readonly db: Database;
  readonly changes: ChangeLog;
  readonly revocations: Revocations;
}

/**
 * Opens the database, seeds it, listens.
 *
 * @param options.adapter stands between oidc-provider and the store, such as one that is slow on purpose
 * @param options.opened is handed what the app stands on, for whoever changes something beside its routes
 * @throws StartRefused when the directory is held, the secret is another's, or the port is taken
 */
export async function startIdentity(
  settings: Settings,
  options: {
    readonly adapter?: (store: AdapterFactory) => AdapterFactory;
    readonly opened?: (parts: OpenedParts) => void;
  } = {},
): Promise<RunningIdentity> {
  const log = createLog({ name: 'identity', level: settings.logLevel });
  const database = await openDatabase(settings.directory, { url: settings.databaseUrl, log });
  const { db } = database;
  let app: NestFastifyApplication | undefined;
  let delivery: LogoutDelivery | undefined;
  let denyList: DenyList | undefined;
  try {
    const secret = keyEncryptionSecret(settings);
    const changes = new ChangeLog(db, {
      longestToken: Math.max(settings.accessTokenTtl, LONGEST_TOKEN_LIFETIME),
    });
    // Nodes that start together on one empty database fill it once.
    const { notices, keys } = await database.exclusively('fill', async () => {
      await changes.open();
      await keepAuditAppendOnly(db);
      const seeded = await seed(db, changes, settings.seeds);
      await followManagementApi(db, settings);
      await followMenuApiClient(changes, { ...settings, secret: settings.seeds.menuApiSecret });
      return { notices: seeded, keys: await openKeyRing({ settings, secret, db, changes, log }) };
    });
    const revocations = new Revocations(db, changes);
    options.opened?.({ db, changes, revocations });
    const users = new UserStore(db);
    const apis = new ResourceServerStore(db);
    const rotation = new RefreshRotation(db, { leeway: settings.refreshLeeway });
    const secure = settings.issuer.startsWith('https:');
    const attempts = new LoginAttempts(db, deriveKey(secret, 'login-attempts'));
    const loginLog = new LoginLog(log);
    const login = new PasswordLogin({
      users,
      attempts,
      browsers: new KnownBrowser(deriveKey(secret, 'known-browser'), { secure }),
      log: loginLog,
    });
    const passwords = new PasswordChange(users, changes, revocations);
    const consents = new ConsentStore(db, changes, revocations);
    const sessions = new BrowserSessionStore(db);
    const store: AdapterFactory = (model) =>
      model === 'Client' ? new ClientAdapter(db) : new ArtifactAdapter(model, db, { rotation, revocations });
    const provider = await createProvider({
      settings,
      secret,
      keys,
      adapter: options.adapter?.(store) ?? store,
      rotation,
      users,
      apis,
      changes,
      denials: new Denials(db),
      polls: new DevicePolls(db),
      consents,
      sessions,
      log,
    });
    const logouts = new LogoutDelivery({ db, provider, send: deferLogoutTokens(provider, db), log });
    delivery = logouts;
    changes.onNews(() => logouts.wake());
    denyList = createDenyList({ source: new OwnRevocations(db, changes, settings.issuer) });
    await denyList.ready();
    const access = managementAccess({
      issuer: settings.issuer,
      db,
      denyList,
      keys: () => keys.publicKeys,
      log,
    });
    const formToken = new FormToken(deriveKey(secret, 'form-token'));
    const running = await NestFactory.create<NestFastifyApplication>(
      IdentityModule.on({
        settings,
        db,
        access,
        provider,
        users,
        apis,
        changes,
        revocations,
        keys,
        formToken,
        attempts,
        login,
        passwords,
        consents,
        sessions,
        log,
      }),
      new FastifyAdapter({
        bodyLimit: BODY_LIMIT,
        forceCloseConnections: 'idle',
        ...(settings.trustProxy.length > 0 && { trustProxy: [...settings.trustProxy] }),
        requestTimeout: 30_000,
        http: { headersTimeout: 15_000 },
        // An API may be named by its identifier in a path.
        routerOptions: { maxParamLength: 2100 },
      }),
      { logger: nestLogger(log), abortOnError: false },
    );
    app = running;
    running.use(securityHeaders({ secure }));
    running.use(allowedHost(settings.issuer));
    running.use(crossOrigin(settings.adminOrigin));
    running.use(mountProvider(provider));
    readJsonStrictly(running);
    await listen(
      { open: (port, host) => running.listen(port, host), server: () => running.getHttpServer() },
      {
        port: settings.port,
        host: settings.host,
        variable: 'IDENTITY_PORT',
      },
    );
    const { file, every } = settings.auditAnchor;
    const anchor = new AuditAnchor({ db, key: new CheckpointKey(secret), log, file, every });
    await anchor.start();
    const ends = [
      sweepExpired(db, changes, log),
      changes.follow(database.listen, log),
      keys.follow(),
      sweepLogins(attempts, loginLog, log),
      lapseAuthority(db, changes, log),
    ];
    return {
      url: settings.issuer,
      notices,
      keys,
      stop: async () => {
        for (const end of ends) end();
        denyList?.close();
        await running.close();
        await logouts.stop();
        await anchor.stop();
        await database.close();
      },
    };
  } catch (error) {
    denyList?.close();
    await app?.close();
    await delivery?.stop();
    await database.close();
    throw error;
  }
}
