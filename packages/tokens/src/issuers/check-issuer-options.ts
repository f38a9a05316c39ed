import type { IssuerOptions } from './issuer-options.ts';
import { issuerSettings } from './issuer-settings.ts';

/**
 * Whether a verifier would take these options of one issuer; nothing is built and nobody is asked. For whoever reads them
 * from a configuration, and can say where each came from.
 *
 * @param production refuses plain http even on loopback. Default false
 * @throws TypeError that begins with the quoted name of the option that is absent or wrong
 */
export function checkIssuerOptions(options: IssuerOptions, production = false): void {
  issuerSettings(options, production);
}
