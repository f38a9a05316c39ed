import type { AuthenticatorOptions } from '@portcullis/http';

/** What `PortcullisModule.forRoot` takes: whom to trust, and for which API. */
export type PortcullisOptions = AuthenticatorOptions;

/** Injection token of the one Authenticator. */
export const AUTHENTICATOR = Symbol('portcullis:authenticator');
export const PORTCULLIS_OPTIONS = Symbol('portcullis:options');
