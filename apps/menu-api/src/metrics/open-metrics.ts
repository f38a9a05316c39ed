import { AccessMetrics } from '@portcullis/nest/metrics';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { serveMetrics } from './metrics-server.ts';

export interface Metrics {
  /** To be told what happens; undefined when nobody counts. */
  readonly observer: AccessMetrics | undefined;
  close(): Promise<void>;
}

/**
 * Counts what the doors, the verifier and the process do, and serves it.
 *
 * @param port undefined: nothing is counted
 * @throws StartRefused naming METRICS_PORT when the port is taken
 */
export async function openMetrics(port: number | undefined): Promise<Metrics> {
  if (port === undefined) return { observer: undefined, close: () => Promise.resolve() };
  const registry = new Registry();
  const server = await serveMetrics(registry, port);
  collectDefaultMetrics({ register: registry });
  return { observer: new AccessMetrics({ registry }), close: () => server.close() };
}
