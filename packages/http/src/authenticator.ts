import {
  createVerifier,
  CredentialError,
  IssuerUnavailable,
  type Verifier,
  type VerifierOptions,
} from '@portcullis/tokens';
import {
  tokenPermissions,
  type PermissionSource,
  type TokenPermissionsOptions,
} from '@portcullis/permissions';
import { createCaller, type Caller } from './caller.ts';
import { readCredential } from './credential.ts';
import { createRefusals, Refusal, type Refusals } from './refusal.ts';
import type { RequestHead } from './request-head.ts';

export interface AuthenticatorOptions extends VerifierOptions, TokenPermissionsOptions {
  /** Where permissions come from. Default: the access token's own claim, cut to its scope. */
  readonly permissions?: PermissionSource;
  /** Names the protected space in challenges. Default: the (first) audience. */
  readonly realm?: string;
}

/** Who is calling? A Caller, nobody (no credential), or the refusal to send. */
export interface Authenticator {
  readonly verifier: Verifier;
  readonly refusals: Refusals;
  authenticate(head: RequestHead): Promise<Caller | Refusal | undefined>;
}

/**
 * Built once, at start; the issuers' keys are fetched from then on.
 *
 * @throws TypeError when the options could not protect anything (no issuer, no audience, …)
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const verifier = createVerifier(options);
  const permissions = options.permissions ?? tokenPermissions(options);
  const [audience = ''] = [options.audience].flat();
  const refusals = createRefusals(options.realm ?? audience);
  return {
    verifier,
    refusals,
    async authenticate(head) {
      const credential = readCredential(head, refusals);
      if (credential === undefined || credential instanceof Refusal) return credential;
      try {
        const authentication = await verifier.verify(credential);
        return createCaller(authentication, await permissions.permissionsOf(authentication));
      } catch (error) {
        if (error instanceof CredentialError) return refusals.badCredential(error);
        if (error instanceof IssuerUnavailable) return refusals.issuerUnavailable(error);
        throw error;
      }
    },
  };
}
