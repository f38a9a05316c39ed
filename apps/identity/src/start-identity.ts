import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import { createLog, listen, nestLogger, type RunningService } from '@portcullis/service';
import type { AdapterFactory } from 'oidc-provider';
import { DevicePolls } from './artifacts/device-polls.ts';
import { ArtifactAdapter } from './artifacts/artifact.adapter.ts';
import { sweepExpired } from './artifacts/artifact-sweep.ts';
import { RefreshRotation } from './artifacts/refresh-rotation.ts';
import { ClientAdapter } from './clients/client.adapter.ts';
import { ChangeLog } from './changes/change-log.ts';
import { openDatabase } from './database/database.ts';
import { allowedHost } from './http/allowed-host.ts';
import { mountProvider } from './http/provider-mount.ts';
import { securityHeaders } from './http/security-headers.ts';
import { IdentityModule } from './identity.module.ts';
import { FormToken } from './interaction/form-token.ts';
import { deriveKey } from './keys/derived-key.ts';
import { keyEncryptionSecret } from './keys/key-encryption-secret.ts';
import { loadSigningKeys } from './keys/signing-key.ts';
import { deferLogoutTokens } from './logout/deferred-logout-tokens.ts';
import { LogoutDelivery } from './logout/logout-delivery.ts';
import { ResourceServerStore } from './people/resource-server-store.ts';
import { UserStore } from './people/user-store.ts';
import { createProvider } from './provider/provider.ts';
import { LONGEST_API_TOKEN } from './provider/resource-indicator.ts';
import { Denials } from './revocation/denials.ts';
import { Revocations } from './revocation/revocations.ts';
import { seed } from './seeds/seed.ts';
import type { Settings } from './settings.ts';

const BODY_LIMIT = 16 * 1024;

/**
 * Opens the database, seeds it, listens.
 *
 * @param options.adapter stands between oidc-provider and the store, such as one that is slow on purpose
 * @throws StartRefused when the directory is held, the secret is another's, or the port is taken
 */
export async function startIdentity(
  settings: Settings,
  options: { readonly adapter?: (store: AdapterFactory) => AdapterFactory } = {},
): Promise<RunningService> {
  const log = createLog({ name: 'identity', level: settings.logLevel });
  const database = await openDatabase(settings.directory, { url: settings.databaseUrl, log });
  const { db } = database;
  let app: NestFastifyApplication | undefined;
  let delivery: LogoutDelivery | undefined;
  try {
    const secret = keyEncryptionSecret(settings);
    const changes = new ChangeLog(db, {
      longestToken: Math.max(settings.accessTokenTtl, LONGEST_API_TOKEN),
    });
    // Nodes that start together on one empty database fill it once.
    const { notices, keys } = await database.exclusively('fill', async () => {
      await changes.open();
      return {
        notices: await seed(db, settings.seeds),
        keys: await loadSigningKeys(db, deriveKey(secret, 'signing-key-encryption')),
      };
    });
    const revocations = new Revocations(db, changes);
    const users = new UserStore(db);
    const apis = new ResourceServerStore(db);
    const rotation = new RefreshRotation(db, { leeway: settings.refreshLeeway });
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
      log,
    });
    const logouts = new LogoutDelivery({ db, provider, send: deferLogoutTokens(provider, db), log });
    delivery = logouts;
    changes.onNews(() => logouts.wake());
    const formToken = new FormToken(deriveKey(secret, 'form-token'));
    const running = await NestFactory.create<NestFastifyApplication>(
      IdentityModule.on({ provider, users, apis, changes, revocations, formToken, log }),
      new FastifyAdapter({
        bodyLimit: BODY_LIMIT,
        forceCloseConnections: 'idle',
        requestTimeout: 30_000,
        http: { headersTimeout: 15_000 },
      }),
      { logger: nestLogger(log), abortOnError: false },
    );
    app = running;
    running.use(securityHeaders({ secure: settings.issuer.startsWith('https:') }));
    running.use(allowedHost(settings.issuer));
    running.use(mountProvider(provider));
    await listen(
      { open: (port, host) => running.listen(port, host), server: () => running.getHttpServer() },
      {
        port: settings.port,
        host: settings.host,
        variable: 'IDENTITY_PORT',
      },
    );
    const stopSweeping = sweepExpired(db, changes, log);
    const stopFollowing = changes.follow(database.listen, log);
    return {
      url: settings.issuer,
      notices,
      stop: async () => {
        stopSweeping();
        stopFollowing();
        await running.close();
        await logouts.stop();
        await database.close();
      },
    };
  } catch (error) {
    await app?.close();
    await delivery?.stop();
    await database.close();
    throw error;
  }
}
