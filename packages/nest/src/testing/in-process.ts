import type { AuthenticatorOptions } from '@portcullis/http';
import type { IssuerOptions, JwkSet } from '@portcullis/tokens';
import { isOptionsOfModule, type PortcullisOptions } from '../portcullis.options.ts';

/** An issuer whose keys are handed over: `createInProcessIssuer()` of `@portcullis/testing` is one. */
export interface InProcess {
  /** As the application's options name it. */
  readonly issuer: string;
  readonly jwks: JwkSet;
}

/** Has the application's verifiers take keys from here. All else stays: rules, presets, permissions. */
export function handingKeysOver(issuers: readonly InProcess[]): (instance: unknown) => unknown {
  return (instance) => {
    if (!isOptionsOfModule(instance)) return instance;
    try {
      return withKeys(instance, issuers);
    } catch (error) {
      return unreadable(error);
    }
  };
}

/** Nest goes on with the instance as it was when its decorator throws, so this throws once it is looked at. */
function unreadable(error: unknown): object {
  return Object.defineProperty({}, 'issuer', {
    enumerable: true,
    get: () => {
      throw error;
    },
  });
}

function withKeys(options: PortcullisOptions, issuers: readonly InProcess[]): PortcullisOptions {
  const verifiers = Object.entries(options.verifiers ?? {}).map(
    ([name, one]) => [name, verifierWithKeys(one, issuers)] as const,
  );
  return { ...verifierWithKeys(options, issuers), verifiers: Object.fromEntries(verifiers) };
}

function verifierWithKeys<Options extends AuthenticatorOptions>(
  options: Options,
  issuers: readonly InProcess[],
): Options {
  const { issuer } = options;
  if (typeof issuer === 'function')
    throw new TypeError('createTestingApp cannot hand keys over to an "issuer" that is a function');
  const given: readonly (string | IssuerOptions)[] =
    typeof issuer === 'string' || !Array.isArray(issuer) ? [issuer] : issuer;
  return withoutAddress({ ...options, issuer: given.map((one) => issuerWithKeys(one, issuers)) });
}

function withoutAddress<Options extends Pick<IssuerOptions, 'jwksUri'>>(options: Options): Options {
  delete options.jwksUri;
  return options;
}

/** One that is not at hand would be asked over the network, which is what nobody wants here. */
function issuerWithKeys(given: string | IssuerOptions, issuers: readonly InProcess[]): IssuerOptions {
  const options = withoutAddress(typeof given === 'string' ? { issuer: given } : { ...given });
  const known = issuers.find(({ issuer }) => issuer === options.issuer);
  if (known === undefined) {
    throw new TypeError(
      `the application trusts ${options.issuer}, whose keys createTestingApp was not given: add createInProcessIssuer({ issuer: '${options.issuer}', … }) to "inProcess"`,
    );
  }
  return { ...options, jwks: known.jwks };
}
