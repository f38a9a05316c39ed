import { errors, type Provider } from 'oidc-provider';

/** Seconds. oidc-provider takes proofs from so far in the future, and would forget them so long too early. */
const PROOF_WINDOW = 300;

/**
 * oidc-provider looks whether a one-time value (a DPoP proof's or an assertion's `jti`) was used, and then
 * notes that it is. Of two that look at once our store lets one note it; the other was not the first either.
 */
export function takeOneTimeValuesOnce({ ReplayDetection }: Provider): void {
  const unique = ReplayDetection.unique.bind(ReplayDetection);
  ReplayDetection.unique = async (issuer, jti, expiresAt) => {
    try {
      return await unique(issuer, jti, expiresAt + PROOF_WINDOW);
    } catch (error) {
      if (error instanceof errors.InvalidRequest) return false;
      throw error;
    }
  };
}
