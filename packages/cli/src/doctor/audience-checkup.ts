import type { Configuration } from './configuration.ts';
import { right, wrong, type Finding } from './finding.ts';
import { quoted } from './quoted.ts';

/** Whether the audience can be that of an API of one's own. */
export function checkAudience({ audiences, issuers }: Configuration): readonly Finding[] {
  if (audiences.length === 0) {
    return [
      wrong(
        'audience',
        'AUDIENCE is empty: a token for any API would do, and the API does not start.',
        'Set AUDIENCE to the identifier that the provider knows this API by.',
      ),
    ];
  }
  const ofProvider = audiences.find((audience) =>
    issuers.some(({ issuer }) => isOfProvider(audience, issuer.replace(/\/$/, ''))),
  );
  if (ofProvider !== undefined) {
    return [
      wrong(
        'audience',
        `AUDIENCE is ${quoted(ofProvider)}, which is the provider's own: its tokens are for the provider, whoever sends them here.`,
        'Register this API at the provider, and set AUDIENCE to the identifier that it has there.',
      ),
    ];
  }
  return [right('audience', `Tokens must be for ${audiences.map(quoted).join(' or ')}.`)];
}

function isOfProvider(audience: string, issuer: string): boolean {
  return [issuer, `${issuer}/`, `${issuer}/userinfo`, `${issuer}/api/v2/`].includes(audience);
}
