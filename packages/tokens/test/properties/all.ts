import { createTestIssuer } from '@portcullis/testing';
import { createVerifier } from '@portcullis/tokens';
import type * as fc from 'fast-check';
import { anySignedContentIsJudged, anyTextIsJudged, anyValueIsRefused } from './any-token.ts';
import { changedTokensAreRefused } from './mutations.ts';
import { nothingElseIsAccepted, onlyDuplicatesAreRefused } from './unique-json.ts';

type Property = fc.IRawProperty<unknown>;

/** Every property of this package by its sentence, against issuers that run until `end`. */
export async function properties(): Promise<{
  readonly each: ReadonlyMap<string, Property>;
  readonly end: () => Promise<void>;
}> {
  const each = new Map<string, Property>([
    ['JSON is read as it was written, unless a member is there twice', onlyDuplicatesAreRefused()],
    ['what is no JSON is not read', nothingElseIsAccepted()],
  ]);
  // Time stands still: no key set grows old, so no case waits for a fetch.
  const started = Date.now();
  const endings: (() => Promise<void>)[] = [];
  for (const algorithm of ['RS256', 'ES256', 'EdDSA'] as const) {
    const issuer = await createTestIssuer({ algorithm });
    const verifier = createVerifier({ issuer: issuer.issuer, audience: issuer.audience, now: () => started });
    endings.push(async () => {
      verifier.close();
      await issuer.stop();
    });
    await verifier.ready();
    const token = await issuer.accessToken({ exp: Math.floor(Date.now() / 1000) + 86_400 });
    await verifier.verify({ scheme: 'bearer', token }); // what is changed below is good
    each.set(`a token by ${algorithm} that is changed is refused`, changedTokensAreRefused(verifier, token));
    if (algorithm !== 'EdDSA') continue;
    each.set('any text is judged as a token', anyTextIsJudged(verifier));
    each.set('what is no text is refused as a token', anyValueIsRefused(verifier));
    each.set('any content is judged when it is signed', anySignedContentIsJudged(verifier, issuer));
  }
  return { each, end: async () => void (await Promise.all(endings.map((ending) => ending()))) };
}
