import type { CanActivate, Type } from '@nestjs/common';
import type { AuthenticatorOptions } from '@portcullis/http';

/** What `PortcullisModule.forRoot` takes: whom to trust, and for which API. */
export interface PortcullisOptions extends AuthenticatorOptions {
  /** Where HTTP requests are judged. Default `guard`. */
  readonly door?: Door;
}

/**
 * `guard`: by one global guard. `middleware`: by middleware in front of each route's handler, on Express and Fastify.
 * A class: by that guard, which must then stand for every handler of every context.
 */
export type Door = 'guard' | 'middleware' | Type<CanActivate>;

/** Injection token of the one Authenticator. */
export const AUTHENTICATOR = Symbol('portcullis:authenticator');
export const PORTCULLIS_OPTIONS = Symbol('portcullis:options');
