export type { Algorithm } from './algorithm.ts';
export type { Authentication } from './authentication.ts';
export type { Binding } from './binding.ts';
export type { Credential } from './credential.ts';
export type { ReplayStore } from './dpop/replay-store.ts';
export type { RevocationNews, RevocationPosition, RevocationSource } from './revocation/revocation-source.ts';
export type { Revocation, RevokedBy } from './revocation/revocation.ts';
export type { Verifier } from './verifier.ts';
export type { VerifierOptions } from './verifier-options.ts';

export { createVerifier } from './verifier.ts';
export { FrozenSet } from './frozen-set.ts';
export { parseUniqueJson } from './unique-json.ts';
export {
  AudienceMismatch,
  BindingRefused,
  ClaimInvalid,
  CredentialError,
  HeaderRefused,
  IssuerUnavailable,
  SignatureInvalid,
  TokenExpired,
  TokenKindRefused,
  TokenMalformed,
  TokenNotYetValid,
  TokenUntrusted,
} from './errors.ts';
