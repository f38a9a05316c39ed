import { registerAs } from '@nestjs/config';
import { readPortcullisOptions } from '../environment/index.ts';

/** A namespace of `@nestjs/config`: `PortcullisModule.forRootAsync(portcullisConfig.asProvider())`. */
export const portcullisConfig = registerAs('portcullis', () => readPortcullisOptions(process.env));
