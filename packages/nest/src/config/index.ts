export { ConfigurationRefused } from './configuration-refused.ts';
export { portcullisConfig, readPortcullisOptions } from './portcullis-config.ts';
