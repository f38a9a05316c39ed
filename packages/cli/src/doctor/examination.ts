import { checkAddress } from './address-checkup.ts';
import { checkAudience } from './audience-checkup.ts';
import type { ReadConfiguration } from './configuration.ts';
import type { Finding } from './finding.ts';
import { checkIssuer } from './issuer-checkup.ts';
import { checkToken } from './token-checkup.ts';

/** Everything that can be found out about a configuration, and about a token where there is one. */
export async function examine(
  { configuration, complaints }: ReadConfiguration,
  token: string | undefined,
): Promise<readonly Finding[]> {
  const issuers = await Promise.all(
    configuration.issuers.map((issuer) => checkIssuer(issuer, configuration)),
  );
  return [
    ...complaints,
    ...issuers.flat(),
    ...checkAudience(configuration),
    ...checkAddress(configuration),
    ...(token === undefined ? [] : await checkToken(token, configuration)),
  ];
}
