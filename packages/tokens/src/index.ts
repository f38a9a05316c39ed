export type { Algorithm } from './algorithm.ts';
export type { Authentication } from './authentication.ts';
export type { Binding } from './binding.ts';
export type { Credential } from './credential.ts';
export type { DpopOptions } from './dpop/dpop-options.ts';
export type { ReplayStore } from './dpop/replay-store.ts';
export type { ForeignKind } from './errors.ts';
export type { CredentialErrorCode, ErrorCode, WireError } from './error-catalogue.ts';
export type { ClientAuthentication, IntrospectionOptions } from './introspection/introspection-options.ts';
export type { IssuerOptions, IssuerResolver, IssuerRules } from './issuers/issuer-options.ts';
export type { KeyProvider, KeyProviderOptions } from './keys/key-provider.ts';
export type { JwkSet, KeySetSupplier } from './keys/given-keys.ts';
export type { Observer } from './observer.ts';
export type { PresetName } from './presets/preset.ts';
export type { DenyList, DenyListOptions } from './revocation/deny-list.ts';
export { REVOKED_BY, type Revocation, type RevokedBy } from './revocation/revocation.ts';
export type { RevocationNews, RevocationPosition, RevocationSource } from './revocation/revocation-source.ts';
export type { VerdictCacheOptions } from './verdicts/verdict-cache.ts';
export type { Verifier } from './verifier.ts';
export type { VerifierOptions } from './verifier-options.ts';

export { checkIssuerOptions } from './issuers/check-issuer-options.ts';
export { createDenyList } from './revocation/deny-list.ts';
export { createKeyProvider } from './keys/key-provider.ts';
export { createVerifier } from './verifier.ts';
export { errorCatalogue } from './error-catalogue.ts';
export { FrozenSet } from './frozen-set.ts';
export { parseUniqueJson } from './unique-json.ts';
export { presetNames } from './presets/presets.ts';
export {
  AudienceMismatch,
  BindingRefused,
  ClaimInvalid,
  CredentialError,
  DpopNonceRequired,
  DpopProofInvalid,
  HeaderRefused,
  IntrospectionLimited,
  IssuerUnavailable,
  ReplayUnknown,
  RevocationUnknown,
  SignatureInvalid,
  TokenExpired,
  TokenInactive,
  TokenKindRefused,
  TokenMalformed,
  TokenNotYetValid,
  TokenRevoked,
  TokenUntrusted,
  VerificationError,
  VerificationUnavailable,
} from './errors.ts';
