import type { AuthenticatorOptions } from '@portcullis/http';
import type { AccessObserver } from './access-event.ts';

/** What `PortcullisModule.forRoot` takes: whom to trust, and for which API. */
export interface PortcullisOptions extends AuthenticatorOptions {
  /** Told of every decision: an `AuditTrail`, metrics. Default: nobody. */
  readonly accessObserver?: AccessObserver | readonly AccessObserver[];
}

/** Injection token of the one Authenticator. */
export const AUTHENTICATOR = Symbol('portcullis:authenticator');
export const PORTCULLIS_OPTIONS = Symbol('portcullis:options');
