export {
  ConfigurationRefused,
  readPortcullisOptions,
  type ConfiguredOptions,
  type Environment,
} from '../environment/index.ts';
export { portcullisConfig } from './portcullis-config.ts';
