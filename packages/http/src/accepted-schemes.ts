import type { Verifier } from '@portcullis/tokens';
import { challenge, type Scheme } from './challenge.ts';

/** Which schemes a protected API takes, for its challenges to say so (RFC 9449, 7.1 and 7.2). */
export interface AcceptedSchemes {
  /** False where every token must be bound by DPoP. */
  readonly bearer: boolean;
  /** The algorithms that proofs may have; undefined where DPoP is not taken. */
  readonly dpop: readonly string[] | undefined;
  /** Where it is said who gives out tokens for this API (RFC 9728, 5.1). Default: nowhere. */
  readonly resourceMetadata?: string | undefined;
}

export const BEARER_ALONE: AcceptedSchemes = Object.freeze({ bearer: true, dpop: undefined });

export function acceptedBy({ dpop }: Verifier, resourceMetadata?: string): AcceptedSchemes {
  return { bearer: !dpop?.required, dpop: dpop?.algorithms, resourceMetadata };
}

/**
 * The `WWW-Authenticate` field: a challenge for each scheme that is taken. What went wrong is said in that of the scheme
 * which was used, so that whoever reads one challenge reads the right one.
 */
export function challengesOf(
  { bearer, dpop, resourceMetadata }: AcceptedSchemes,
  realm: string,
  used: Scheme,
  wrong: Readonly<Record<string, string | undefined>>,
): string {
  const taken: readonly Scheme[] = [
    ...(bearer ? ['Bearer' as const] : []),
    ...(dpop ? ['DPoP' as const] : []),
  ];
  const told = taken.includes(used) ? used : taken[0];
  return taken
    .map((scheme) =>
      challenge(scheme, {
        realm,
        resource_metadata: resourceMetadata,
        ...(scheme === told ? wrong : {}),
        algs: scheme === 'DPoP' ? dpop?.join(' ') : undefined,
      }),
    )
    .join(', ');
}
