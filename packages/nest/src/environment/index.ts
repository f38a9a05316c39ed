export { ConfigurationRefused } from './configuration-refused.ts';
export { readPortcullisOptions, type ConfiguredOptions } from './read-portcullis-options.ts';
export type { Environment } from './variables.ts';
