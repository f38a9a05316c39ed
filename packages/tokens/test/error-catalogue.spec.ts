import { readFileSync } from 'node:fs';
import {
  AudienceMismatch,
  BindingRefused,
  ClaimInvalid,
  CredentialError,
  DpopNonceRequired,
  DpopProofInvalid,
  errorCatalogue,
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
  type CredentialErrorCode,
  type ErrorCode,
} from '@portcullis/tokens';
import * as everything from '@portcullis/tokens';
import { describe, expect, it } from 'vitest';

/** One of each; that none is missing, and none in the wrong half, is for the compiler to see. */
const wrong: Readonly<Record<CredentialErrorCode, CredentialError>> = {
  ERR_TOKEN_MALFORMED: new TokenMalformed('why'),
  ERR_HEADER_REFUSED: new HeaderRefused('alg', 'why'),
  ERR_TOKEN_UNTRUSTED: new TokenUntrusted('why'),
  ERR_SIGNATURE_INVALID: new SignatureInvalid(),
  ERR_TOKEN_KIND_REFUSED: new TokenKindRefused('ID token'),
  ERR_AUDIENCE_MISMATCH: new AudienceMismatch(),
  ERR_TOKEN_EXPIRED: new TokenExpired(),
  ERR_TOKEN_NOT_YET_VALID: new TokenNotYetValid('nbf'),
  ERR_CLAIM_INVALID: new ClaimInvalid('sub', 'why'),
  ERR_TOKEN_INACTIVE: new TokenInactive(),
  ERR_TOKEN_REVOKED: new TokenRevoked(),
  ERR_BINDING_REFUSED: new BindingRefused('why'),
  ERR_DPOP_PROOF_INVALID: new DpopProofInvalid('why'),
  ERR_DPOP_NONCE_REQUIRED: new DpopNonceRequired('nonce'),
};
const unavailable: Readonly<Record<Exclude<ErrorCode, CredentialErrorCode>, VerificationUnavailable>> = {
  ERR_ISSUER_UNAVAILABLE: new IssuerUnavailable('why', 1),
  ERR_REVOCATION_UNKNOWN: new RevocationUnknown('why', 1),
  ERR_REPLAY_UNKNOWN: new ReplayUnknown('why', 1),
  ERR_INTROSPECTION_LIMITED: new IntrospectionLimited('why', 1),
};
const errors = [...Object.values(wrong), ...Object.values(unavailable)];
const codes = Object.keys(errorCatalogue);

interface Row {
  readonly code: string;
  readonly status: number;
  readonly meaning: string;
}

/** The rows of the table under this heading. */
function documented(heading: string): readonly Row[] {
  const document = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const [, rest = ''] = document.split(`## ${heading}`);
  const [section = ''] = rest.split('\n## ');
  return section.split('\n').flatMap((line) => {
    const [, code, status, meaning = ''] = /^\| `(ERR_[A-Z_]+)`\s*\| (\d{3})\s*\| (.*)/.exec(line) ?? [];
    return code === undefined ? [] : [{ code, status: Number(status), meaning }];
  });
}

describe('the catalogue of errors', () => {
  it('has one class for each code, exported, and no class besides', () => {
    expect(errors.map(({ code }) => code).toSorted()).toEqual(codes.toSorted());
    const exported = Object.values(everything).filter(
      (value) =>
        typeof value === 'function' &&
        value.prototype instanceof VerificationError &&
        !Object.is(value, CredentialError) &&
        !Object.is(value, VerificationUnavailable),
    );
    expect(new Set(exported)).toEqual(new Set(errors.map(({ constructor }) => constructor)));
    expect(errors).toHaveLength(exported.length);
  });

  it('gives no code twice, not to two classes either', () => {
    expect(new Set(errors.map(({ code }) => code)).size).toBe(errors.length);
    expect(new Set(errors.map(({ name }) => name)).size).toBe(errors.length);
    for (const error of errors) expect(error.name).toBe(error.constructor.name);
  });

  it.each(Object.entries(wrong))(
    'says of %s what its class says: the caller’s, with a challenge',
    (code, error) => {
      const entry = wrongEntry(error.code);
      expect(error.code).toBe(code);
      expect(error).toBeInstanceOf(CredentialError);
      expect(error).not.toBeInstanceOf(VerificationUnavailable);
      expect(entry.status).toBe(401);
      expect(error.error).toBe(entry.error);
      expect(['invalid_token', 'invalid_dpop_proof', 'use_dpop_nonce']).toContain(error.error);
    },
  );

  it.each(Object.entries(unavailable))(
    'says of %s what its class says: nobody’s, without one',
    (code, error) => {
      expect(error.code).toBe(code);
      expect(error).toBeInstanceOf(VerificationUnavailable);
      expect(error).not.toBeInstanceOf(CredentialError);
      expect(errorCatalogue[error.code].status).toBe(error instanceof IntrospectionLimited ? 429 : 503);
      expect('error' in error).toBe(false);
      expect('error' in errorCatalogue[error.code]).toBe(false);
      expect(error.retryAfter).toBe(1);
    },
  );

  it('speaks of DPoP to nobody who did not use it', () => {
    const ofDpop = Object.values(wrong).filter(({ error }) => error !== 'invalid_token');
    expect(ofDpop.map(({ code, error }) => [code, error])).toEqual([
      ['ERR_DPOP_PROOF_INVALID', 'invalid_dpop_proof'],
      ['ERR_DPOP_NONCE_REQUIRED', 'use_dpop_nonce'],
    ]);
  });
});

describe('docs/errors.md', () => {
  const rows = documented('From `@portcullis/tokens`: the credential');

  it('has a row for each code, and none besides', () => {
    expect(rows.map(({ code }) => code)).toEqual(codes); // in the same order, too
  });

  it.each(rows)('tells the status of $code', ({ code, status }) => {
    const error = errors.find((one) => one.code === code);
    expect(error && errorCatalogue[error.code].status).toBe(status);
  });

  it('tells what the wire is told where that is not invalid_token', () => {
    for (const { code, meaning } of rows) {
      const told = errors.find((one) => one.code === code);
      const wire = told instanceof CredentialError ? told.error : undefined;
      const named = /error="([a-z_]+)"/.exec(meaning)?.[1];
      expect([code, named]).toEqual([code, wire === 'invalid_token' ? undefined : wire]);
    }
  });
});

function wrongEntry(code: CredentialErrorCode): (typeof errorCatalogue)[CredentialErrorCode] {
  return errorCatalogue[code];
}
