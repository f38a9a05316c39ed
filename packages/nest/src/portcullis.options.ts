import type { CanActivate, Type } from '@nestjs/common';
import type { AuthenticatorOptions } from '@portcullis/http';

/** What `PortcullisModule.forRoot` takes: whom to trust, and for which API. */
export interface PortcullisOptions extends AuthenticatorOptions {
  /** Where requests are judged: `guard`, or a guard class of another door such as Passport's. Default `guard`. */
  readonly door?: 'guard' | Type<CanActivate>;
}

/** Injection token of the one Authenticator. */
export const AUTHENTICATOR = Symbol('portcullis:authenticator');
export const PORTCULLIS_OPTIONS = Symbol('portcullis:options');
