export type { DpopClient, DpopRequest } from './dpop-client.ts';
export type { IntrospectionClient } from './client-authentication.ts';
export type { Answer, Fault, Responder } from './responder.ts';
export type { InProcessIssuer, InProcessIssuerOptions } from './in-process-issuer.ts';
export type { Mint } from './mint.ts';
export type { TestIssuer, TestIssuerOptions } from './test-issuer.ts';
export type { TestCertificate, TestCertificateOptions } from './test-certificate.ts';
export type { TestKey } from './test-key.ts';

export { createDpopClient } from './dpop-client.ts';
export { createTestCertificate } from './test-certificate.ts';
export { createInProcessIssuer } from './in-process-issuer.ts';
export { createTestIssuer } from './create-test-issuer.ts';
export { createTestKey } from './test-key.ts';
export { faults } from './faults.ts';
export { signRaw } from './sign-raw.ts';
export { spoiled } from './spoiled.ts';
