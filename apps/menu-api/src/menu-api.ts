import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { Server } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express from 'express';
import { AuditTrail, deferBodyParsing } from '@portcullis/nest';
import { createLog, listen, nestLogger, type Log, type RunningService } from '@portcullis/service';
import { openEmbeddedDatabase } from '@portcullis/service/database';
import { describeApi } from './api-description.ts';
import { logSink } from './audit/log-sink.ts';
import { openMetrics, type Metrics } from './metrics/open-metrics.ts';
import { logRequests } from './request-log.ts';
import { refuseStrangeHosts } from './strange-hosts.ts';
import { protectResponses } from './response-headers.ts';
import { createEmbeddedItemStore, seedOnce } from './items/embedded-item-store.ts';
import { createHttpAdapter } from './http-adapter.ts';
import { itemTable } from './items/item.table.ts';
import { seedingTable } from './items/seeding.table.ts';
import { seedItems } from './items/seed-items.ts';
import { MenuApiModule } from './menu-api.module.ts';
import { LoggedChanges } from './permissions/logged-changes.ts';
import { openPermissions, type Permissions } from './permissions/open-permissions.ts';
import type { Settings } from './settings.ts';
import { asStartRefused } from './settings/refused-option.ts';
import { openUsedProofs } from './used-proofs/used-proofs.ts';

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));
const images = fileURLToPath(new URL('../images', import.meta.url));

/** Starts the API on its own; the issuer may come up later. */
export async function startMenuApi(settings: Settings): Promise<RunningService> {
  const log = createLog({ name: 'menu-api', level: settings.logLevel });
  const database = await openEmbeddedDatabase({
    directory: join(settings.dataDirectory, 'menu-api'),
    migrations,
    schema: { itemTable, seedingTable },
  });
  const usedProofs = await openUsedProofs(settings.redisUrl, log);
  let metrics: Metrics | undefined;
  let permissions: Permissions | undefined;
  const close = async (): Promise<void> => {
    permissions?.close();
    await metrics?.close();
    usedProofs.close();
    await database.close();
  };
  try {
    const seeds = seedItems(settings.publicUrl);
    await seedOnce(database.db, seeds);
    metrics = await openMetrics(settings.metricsPort);
    const counted = metrics.observer ? [metrics.observer] : [];
    permissions = openPermissions(settings, [...counted, new LoggedChanges(log)]);
    const module = MenuApiModule.with({
      settings,
      store: createEmbeddedItemStore(database.db),
      seeds,
      replayStore: usedProofs.store,
      permissions,
      observers: counted,
      accessObservers: [...counted, new AuditTrail({ sink: logSink(log) })],
    });
    const app = await createApp(module, settings, log);
    await listen(
      { open: (port, host) => app.listen(port, host), server: () => app.getHttpServer() },
      {
        port: settings.port,
        host: settings.host,
        variable: 'PORT',
      },
    );
    announce(settings, log);
    return {
      url: settings.publicUrl,
      stop: async () => {
        await app.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw asStartRefused(error);
  }
}

/** Names only: an issuer's settings may hold a secret, and so may the address of Redis. */
function announce(settings: Settings, log: Log): void {
  const { publicUrl, issuers, redisUrl, firstPartyIdTokens } = settings;
  if (firstPartyIdTokens.length > 0) {
    log.warn(
      { clients: firstPartyIdTokens },
      'FIRST_PARTY_ID_TOKENS is on: ID tokens of these clients are taken where a login is all that is asked for',
    );
  }
  const trusted = issuers.map(({ issuer, provider, tokenFormat }, place) => ({
    issuer,
    provider,
    tokenFormat,
    permissionsFrom: settings.permissions[place]?.from,
  }));
  const usedProofs = redisUrl === undefined ? 'in memory' : 'in Redis';
  log.info({ url: publicUrl, issuers: trusted, usedProofs }, 'listening');
}

type Module = Parameters<typeof NestFactory.create>[0];

async function createApp(module: Module, settings: Settings, log: Log): Promise<INestApplication> {
  const app = await NestFactory.create(module, createHttpAdapter(settings.httpAdapter), {
    abortOnError: false,
    bodyParser: false,
    logger: nestLogger(log),
  });
  limitTime(app.getHttpServer());
  deferBodyParsing(app);
  app.use(logRequests(log));
  app.use(protectResponses);
  app.use(refuseStrangeHosts(settings.publicUrl));
  app.enableCors({
    origin: [...settings.clientOrigins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'if-match', 'if-none-match', 'dpop'],
    exposedHeaders: ['www-authenticate', 'dpop-nonce', 'retry-after', 'etag', 'link', 'location'],
    maxAge: 600,
  });
  app.use('/images', pictures);
  if (settings.docs) describeApi(app);
  return app;
}

/** For a client that sends slowly on purpose. */
function limitTime(server: Server): void {
  server.headersTimeout = 15_000;
  server.requestTimeout = 30_000;
}

const pictures = express.static(images, {
  index: false,
  redirect: false,
  maxAge: '1d',
  // The dashboard shows them from its own origin.
  setHeaders: (response) => void response.setHeader('cross-origin-resource-policy', 'cross-origin'),
});
