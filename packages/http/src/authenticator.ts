import {
  createVerifier,
  CredentialError,
  VerificationUnavailable,
  type Authentication,
  type Credential,
  type Verifier,
  type VerifierOptions,
} from '@portcullis/tokens';
import {
  PermissionsUnknown,
  tokenPermissions,
  type PermissionSet,
  type PermissionSource,
  type TokenPermissionsOptions,
} from '@portcullis/permissions';
import { acceptedBy } from './accepted-schemes.ts';
import { createCaller, type Caller } from './caller.ts';
import { readCredential, refuseMalformedToken } from './credential.ts';
import { createRefusals, Refusal, type Refusals } from './refusal.ts';
import type { RequestHead } from './request-head.ts';
import { trustworthy } from './resource-metadata.ts';
import { Standing } from './standing.ts';

export interface AuthenticatorOptions extends VerifierOptions, TokenPermissionsOptions {
  /** Where permissions come from: `intersect()`, `live()`. Default: the access token's own claim, cut to its scope. */
  readonly permissions?: PermissionSource;
  /** Names the protected space in challenges. Default: the (first) audience. */
  readonly realm?: string;
  /**
   * Address of this API's protected-resource metadata, which every challenge then names (RFC 9728, 5.1):
   * `resourceMetadataUrl('https://menu.example')`. Https, or http on loopback. Default: none is named.
   */
  readonly resourceMetadata?: string;
}

/** Who is calling? A Caller, nobody (no credential), or the refusal to send. */
export type Outcome = Caller | Refusal | undefined;

export interface Authenticator {
  readonly verifier: Verifier;
  readonly refusals: Refusals;
  /** At once when nothing has to be waited for, as for a token that was seen before. */
  authenticate(head: RequestHead): Outcome | Promise<Outcome>;
  /** The same for a connection that goes on after its request, and has to be asked about again. */
  attend(head: RequestHead): Promise<Standing | Refusal | undefined>;
}

/**
 * Built once, at start; the issuers' keys are fetched from then on.
 *
 * @throws TypeError when the options could not protect anything (no issuer, no audience, …)
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  if (options.resourceMetadata !== undefined) trustworthy(options.resourceMetadata, 'resourceMetadata');
  const verifier = createVerifier(options);
  const permissions = options.permissions ?? tokenPermissions(options);
  const [audience = ''] = [options.audience].flat();
  const refusals = createRefusals(options.realm ?? audience, acceptedBy(verifier, options.resourceMetadata));
  return new RequestAuthenticator(verifier, permissions, refusals);
}

/** How a credential came: all that a refusal has to know of it. */
type Came = Pick<Credential, 'scheme'>;

class RequestAuthenticator implements Authenticator {
  readonly verifier: Verifier;
  readonly refusals: Refusals;
  readonly #permissions: PermissionSource;
  readonly #callers = new WeakMap<Authentication, Caller>();

  constructor(verifier: Verifier, permissions: PermissionSource, refusals: Refusals) {
    this.verifier = verifier;
    this.#permissions = permissions;
    this.refusals = refusals;
  }

  authenticate(head: RequestHead): Outcome | Promise<Outcome> {
    const credential = readCredential(head, this.refusals);
    if (credential === undefined || credential instanceof Refusal) return credential;
    try {
      const seen = this.verifier.recall(credential);
      if (seen === undefined) return this.#authenticateAnew(credential);
      return seen instanceof Promise ? this.#callerOf(seen, credential) : this.#caller(seen, credential);
    } catch (error) {
      return this.#refusal(error, credential);
    }
  }

  async attend(head: RequestHead): Promise<Standing | Refusal | undefined> {
    const credential = readCredential(head, this.refusals);
    if (credential === undefined || credential instanceof Refusal) return credential;
    const malformed = refuseMalformedToken(credential, this.refusals);
    if (malformed) return malformed;
    const came = { scheme: credential.scheme }; // the token itself is not kept as long as the connection is
    try {
      const authentication = await this.verifier.verify(credential);
      const caller = await this.#caller(authentication, came);
      if (caller === undefined || caller instanceof Refusal) return caller;
      return new Standing(caller, {
        recheck: () => this.verifier.recheck(authentication),
        renew: () => this.#caller(authentication, came),
        refusal: (error) => this.#refusal(error, came),
      });
    } catch (error) {
      return this.#refusal(error, credential);
    }
  }

  async #authenticateAnew(credential: Credential): Promise<Outcome> {
    return (
      refuseMalformedToken(credential, this.refusals) ??
      this.#callerOf(this.verifier.verify(credential), credential)
    );
  }

  async #callerOf(
    authentication: Authentication | Promise<Authentication>,
    credential: Credential,
  ): Promise<Outcome> {
    try {
      return await this.#caller(await authentication, credential);
    } catch (error) {
      return this.#refusal(error, credential);
    }
  }

  #caller(authentication: Authentication, credential: Came): Outcome | Promise<Outcome> {
    const before = this.#callers.get(authentication);
    if (before !== undefined && this.#permissions.unchanging === true) return before;
    const permissions = this.#permissions.permissionsOf(authentication);
    if (!(permissions instanceof Promise)) return this.#callerWith(authentication, permissions, before);
    return permissions.then(
      (set) => this.#callerWith(authentication, set, before),
      (error: unknown) => this.#refusal(error, credential),
    );
  }

  /** The same Caller as before while neither the Authentication nor its permissions are others: both are frozen. */
  #callerWith(
    authentication: Authentication,
    permissions: PermissionSet,
    before: Caller | undefined,
  ): Caller {
    if (before !== undefined && holds(before, permissions)) return before;
    const caller = createCaller(authentication, permissions);
    this.#callers.set(authentication, caller);
    return caller;
  }

  #refusal(error: unknown, { scheme }: Came): Refusal {
    if (error instanceof CredentialError) {
      return this.refusals.badCredential(error, scheme === 'dpop' ? 'DPoP' : 'Bearer');
    }
    if (error instanceof VerificationUnavailable || error instanceof PermissionsUnknown)
      return this.refusals.unavailable(error);
    throw error;
  }
}

function holds(caller: Caller, { names, sources, withheld }: PermissionSet): boolean {
  return (
    caller.permissions === names &&
    caller.permissionSources === sources &&
    caller.withheldPermissions === withheld
  );
}
