export { AccessMetrics, type AccessMetricsOptions } from './access-metrics.ts';
