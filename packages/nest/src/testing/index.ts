export type { InProcess } from './in-process.ts';
export { createTestingApp, type TestingApp, type TestingAppOptions } from './testing-app.ts';
export { signInAs, type SignedIn, type TokenIssuer } from './sign-in.ts';
