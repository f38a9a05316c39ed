import helmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import { createLog, hostAllowList, listen, StartRefused, type RunningService } from '@portcullis/service';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentSecurityPolicy } from './content-security-policy.ts';
import type { DashboardSettings } from './settings.ts';

const BROWSER_FILES = fileURLToPath(new URL('../browser', import.meta.url));

/** Paths that the browser application has a page for; any other gets its "not found" page with 404. */
const PAGES = /^\/(home|how|profile|menu(\/[^/]+(\/(edit|edit-item|delete|delete-item))?)?)?\/?$/;

/** The server of the browser application, not yet listening. */
export async function createDashboard(
  settings: DashboardSettings,
  files: string = BROWSER_FILES,
): Promise<FastifyInstance> {
  const log: FastifyBaseLogger = createLog({ name: 'dashboard', level: settings.logLevel });
  const app = fastify({
    loggerInstance: log,
    requestTimeout: 30_000,
    http: { headersTimeout: 15_000 },
    // A callback's URL carries a one-time code; no address with its query belongs in a log.
    logController: new LogController({ disableRequestLogging: true }),
  });
  refuseStrangeHosts(app, settings);
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy(settings) },
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: settings.publicUrl.startsWith('https:') && { maxAge: 31_536_000 },
    xFrameOptions: { action: 'deny' },
  });
  await app.register(fastifyStatic, {
    root: files,
    index: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const hashed = path.startsWith(join(files, 'assets'));
      reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });

  app.get('/config.json', (_request, reply) =>
    reply.header('cache-control', 'no-store').send({
      domain: settings.issuerUrl.replace(/\/$/, ''),
      clientId: settings.clientId,
      audience: settings.audience,
      apiUrl: settings.apiUrl,
    }),
  );
  app.get('/health/live', (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  );
  app.get('/health/ready', (_request, reply) => {
    const built = existsSync(join(files, 'index.html'));
    return reply
      .code(built ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: built ? 'ok' : 'not built' });
  });

  app.setNotFoundHandler((request, reply) => {
    const pathname = URL.parse(request.url, settings.publicUrl)?.pathname ?? '/';
    const readable = request.method === 'GET' || request.method === 'HEAD';
    if (!readable || /^\/(assets|health|api)\//.test(pathname)) {
      return reply.code(404).type('text/plain; charset=utf-8').send('Not found');
    }
    return reply.code(PAGES.test(pathname) ? 200 : 404).sendFile('index.html');
  });
  app.get('/', (_request, reply) => reply.sendFile('index.html'));
  return app;
}

/** Another name pointed at this machine must not read it (DNS rebinding). */
function refuseStrangeHosts(app: FastifyInstance, settings: DashboardSettings): void {
  const allowed = hostAllowList(settings.publicUrl);
  app.addHook('onRequest', async (request, reply) => {
    if (!allowed(request.headers.host)) {
      await reply.code(421).type('text/plain; charset=utf-8').send('This host is not served here');
    }
  });
}

/**
 * Starts the dashboard and says where it answers.
 *
 * @throws StartRefused when it is not built or its port is taken
 */
export async function startDashboard(settings: DashboardSettings): Promise<RunningService> {
  if (!existsSync(join(BROWSER_FILES, 'index.html'))) {
    throw new StartRefused('The dashboard is not built yet. Run: npm run build -w apps/dashboard');
  }
  const app = await createDashboard(settings);
  await listen(
    { open: (port, host) => app.listen({ port, host }), server: () => app.server },
    {
      port: settings.port,
      host: settings.host,
      variable: 'DASHBOARD_PORT',
    },
  );
  return { url: settings.publicUrl, stop: () => app.close() };
}
