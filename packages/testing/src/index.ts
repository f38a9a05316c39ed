export type { Fault, Responder } from './responder.ts';
export type { TestIssuer, TestIssuerOptions } from './test-issuer.ts';
export type { TestKey } from './test-key.ts';

export { createTestIssuer } from './test-issuer.ts';
export { createTestKey } from './test-key.ts';
export { signRaw } from './sign-raw.ts';
export { spoiled } from './spoiled.ts';
