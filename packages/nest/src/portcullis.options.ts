import type { CanActivate, Type } from '@nestjs/common';
import type { AuthenticatorOptions } from '@portcullis/http';

/** What `PortcullisModule.forRoot` takes: whom to trust, and for which API. */
export interface PortcullisOptions extends AuthenticatorOptions {
  /** Where HTTP requests are judged. Default `guard`. */
  readonly door?: Door;
  /**
   * More verifiers, by the name that @UseVerifier gives. Each stands on its own; only `production` and `observer` are as
   * above where it does not set them. Default: none.
   */
  readonly verifiers?: Readonly<Record<string, AuthenticatorOptions>>;
  /**
   * Every permission that this API defines. A decorator that names another keeps the application from starting. Default:
   * any name is taken.
   */
  readonly declaredPermissions?: readonly string[];
}

/**
 * `guard`: by one global guard. `middleware`: by middleware in front of each route's handler, on Express and Fastify.
 * A class: by that guard, which must then stand for every handler of every context.
 */
export type Door = 'guard' | 'middleware' | Type<CanActivate>;

/** What `forRootAsync` asks for the options with `useClass` and `useExisting`. */
export interface PortcullisOptionsFactory {
  createPortcullisOptions(): PortcullisOptions | Promise<PortcullisOptions>;
}

/** Injection token of the module's own Authenticator, which holds where no @UseVerifier names another. */
export const AUTHENTICATOR = Symbol('portcullis:authenticator');
/** Injection token of the others: a `ReadonlyMap<string, Authenticator>`, by name. */
export const NAMED_AUTHENTICATORS = Symbol('portcullis:named-authenticators');
export const PORTCULLIS_OPTIONS = Symbol('portcullis:options');

const optionsOfModules = new WeakSet<object>();

/** Notes options as those of a module: a test finds them among an application's instances by that. */
export function optionsOfModule(options: PortcullisOptions): PortcullisOptions {
  if (typeof options !== 'object' || options === null)
    throw new TypeError('PortcullisModule was given no options: it needs an issuer and an audience');
  optionsOfModules.add(options);
  return options;
}

export function isOptionsOfModule(instance: unknown): instance is PortcullisOptions {
  return typeof instance === 'object' && instance !== null && optionsOfModules.has(instance);
}
