import { startIdentity } from '../../src/start-identity.ts';
import { freePort, settingsFor } from './identity.ts';

export { startPostgres, type PostgresServer } from '../../../../packages/service/test/postgres-server.ts';

export interface Node {
  /** Where this node answers, whichever node the issuer's address leads to. */
  readonly url: string;
  readonly settings: Awaited<ReturnType<typeof settingsFor>>;
  stop(): Promise<void>;
}

/** What every node that shares a database is told alike. */
export function shared(databaseUrl: string, issuerPort: number): Record<string, string> {
  return {
    IDENTITY_DATABASE_URL: databaseUrl,
    IDENTITY_URL: `http://localhost:${issuerPort}/`,
    KEY_ENCRYPTION_SECRET: 'one secret for every node that shares the database',
  };
}

/** Nodes on one database, started together. The issuer's address leads to the first. */
export async function startNodes(
  databaseUrl: string,
  count: number,
  environment: Record<string, string> = {},
  options?: Parameters<typeof startIdentity>[1],
): Promise<[Node, ...Node[]]> {
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const [first, ...others] = await Promise.all(
    ports.map(async (port) => {
      const settings = await settingsFor({
        ...shared(databaseUrl, ports[0] ?? port),
        IDENTITY_PORT: String(port),
        ...environment,
      });
      const { stop } = await startIdentity(settings, options);
      return { url: `http://localhost:${port}/`, settings, stop };
    }),
  );
  if (!first) throw new RangeError('at least one node');
  return [first, ...others];
}
