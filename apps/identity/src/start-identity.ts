import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import { createLog, listen, nestLogger, type RunningService } from '@portcullis/service';
import type { AdapterFactory } from 'oidc-provider';
import { ArtifactAdapter } from './artifacts/artifact.adapter.ts';
import { sweepArtifacts } from './artifacts/artifact-sweep.ts';
import { keepAuditAppendOnly } from './audit/append-only.ts';
import { AuditAnchor } from './audit/audit-anchor.ts';
import { CheckpointKey } from './audit/checkpoint.ts';
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
import type { KeyRing } from './keys/key-ring.ts';
import { openKeyRing } from './keys/open-key-ring.ts';
import { ResourceServerStore } from './people/resource-server-store.ts';
import { UserStore } from './people/user-store.ts';
import { createProvider } from './provider/provider.ts';
import { Revocations } from './revocation/revocations.ts';
import { seed } from './seeds/seed.ts';
import type { Settings } from './settings.ts';

export interface RunningIdentity extends RunningService {
  /** For whoever runs it inside a process of theirs, as tests do. */
  readonly keys: KeyRing;
}

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
): Promise<RunningIdentity> {
  const log = createLog({ name: 'identity', level: settings.logLevel });
  const database = await openDatabase(settings.directory);
  const { db } = database;
  let app: NestFastifyApplication | undefined;
  try {
    const secret = keyEncryptionSecret(settings);
    const changes = new ChangeLog(db, { longestToken: settings.accessTokenTtl });
    await changes.open();
    await keepAuditAppendOnly(db);
    const notices = await seed(db, changes, settings.seeds);
    const keys = await openKeyRing({ settings, secret, db, changes, log });
    const revocations = new Revocations(changes);
    const users = new UserStore(db);
    const apis = new ResourceServerStore(db);
    const { refreshLeeway } = settings;
    const store: AdapterFactory = (model) =>
      model === 'Client' ? new ClientAdapter(db) : new ArtifactAdapter(model, db, { refreshLeeway });
    const provider = await createProvider({
      settings,
      secret,
      keys,
      adapter: options.adapter?.(store) ?? store,
      users,
      apis,
      log,
    });
    const formToken = new FormToken(deriveKey(secret, 'form-token'));
    const running = await NestFactory.create<NestFastifyApplication>(
      IdentityModule.on({ provider, users, apis, changes, revocations, keys, formToken, log }),
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
    const { file, every } = settings.auditAnchor;
    const anchor = new AuditAnchor({ db, key: new CheckpointKey(secret), log, file, every });
    await anchor.start();
    const stopSweeping = sweepArtifacts(db, log);
    const stopFollowingKeys = keys.follow();
    return {
      url: settings.issuer,
      notices,
      keys,
      stop: async () => {
        stopSweeping();
        stopFollowingKeys();
        await running.close();
        await anchor.stop();
        await database.close();
      },
    };
  } catch (error) {
    await app?.close();
    await database.close();
    throw error;
  }
}
