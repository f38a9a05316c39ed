import type { OpenAPIObject } from '@nestjs/swagger';
import { METHODS, type Operation } from './operation.ts';

/** One way to call an operation, and who has to answer it. */
export interface AccessTrial {
  /** Such as `POST /items with all permissions but create:items`. */
  readonly title: string;
  readonly method: string;
  /** As in the document: with `{…}` for parameters. */
  readonly path: string;
  /** Claims of the access token to send; `garbage`: one that is none; undefined: none at all. */
  readonly credential: TrialClaims | 'garbage' | undefined;
  /** The status that a door answers; `handler`: the request gets through, and it is neither 401 nor 403. */
  readonly expected: 401 | 403 | 'handler';
  /** Every status that the document has for this operation: the answer's is one of them. */
  readonly documented: readonly number[];
}

export interface TrialClaims {
  readonly permissions: readonly string[];
  /** Seconds since the epoch. */
  readonly auth_time: number;
  /** Of a machine, both are the same. */
  readonly sub: string;
  readonly client_id: string;
}

/**
 * What a document of `withAccess` claims, as calls to be made: for each operation without a token, with garbage, with
 * each permission lacking, with an old login, as each kind of caller, and with exactly what is asked for.
 *
 * ```ts
 * for (const trial of accessTrials(document)) {
 *   const { status } = await call(trial); // yours
 *   if (trial.expected !== 'handler') expect(status, trial.title).toBe(trial.expected);
 *   expect(trial.documented, trial.title).toContain(status);
 * }
 * ```
 *
 * @param now seconds since the epoch
 */
export function accessTrials(document: OpenAPIObject, now = Date.now() / 1000): readonly AccessTrial[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      if (operation === undefined) return [];
      const documented = Object.keys(operation.responses).map(Number);
      return variants(operation, Math.floor(now)).map(({ what, credential, expected }) => ({
        title: `${method.toUpperCase()} ${path} ${what}`,
        method: method.toUpperCase(),
        path,
        credential,
        expected,
        documented,
      }));
    }),
  );
}

interface Variant {
  readonly what: string;
  readonly credential: AccessTrial['credential'];
  readonly expected: AccessTrial['expected'];
}

const USER = { sub: 'user|1', client_id: 'client-1' };
const MACHINE = { sub: 'client-1', client_id: 'client-1' };

function variants(operation: Operation, now: number): readonly Variant[] {
  const { security = [] } = operation;
  const isPublic = security.length === 0;
  const isOptional = security.some((requirement) => Object.keys(requirement).length === 0);
  const allOf = listed(operation, 'x-required-permissions');
  const anyOf = listed(operation, 'x-required-any-permission');
  const kinds = listed(operation, 'x-caller-kinds');
  const maxLoginAge: unknown = Reflect.get(operation, 'x-max-login-age');
  const agedLogin = typeof maxLoginAge === 'number';
  const who = kinds.includes('user') || kinds.length === 0 || agedLogin ? USER : MACHINE;
  const enough = [...allOf, ...anyOf.slice(0, 1)];
  const claims = { ...who, permissions: enough, auth_time: now };
  const otherKind = who === USER ? MACHINE : USER;
  const refusesOther = kinds.length === 1 || agedLogin;
  return [
    { what: 'without a token', credential: undefined, expected: isPublic || isOptional ? 'handler' : 401 },
    { what: 'with garbage', credential: 'garbage', expected: isPublic ? 'handler' : 401 },
    ...allOf.map((lacking) => ({
      what: `with all permissions but ${lacking}`,
      credential: { ...claims, permissions: enough.filter((name) => name !== lacking) },
      expected: 403 as const,
    })),
    ...(anyOf.length > 0
      ? [
          {
            what: `with none of ${anyOf.join(', ')}`,
            credential: { ...claims, permissions: allOf },
            expected: 403 as const,
          },
        ]
      : []),
    ...anyOf.slice(1).map((one) => ({
      what: `with ${one} alone of what it may be`,
      credential: { ...claims, permissions: [...allOf, one] },
      expected: 'handler' as const,
    })),
    ...(agedLogin
      ? [
          {
            what: 'after an old login',
            credential: { ...claims, auth_time: now - maxLoginAge - 60 },
            expected: 401 as const,
          },
        ]
      : []),
    ...(isPublic
      ? []
      : [
          {
            what: `by a ${otherKind === MACHINE ? 'machine' : 'user'}`,
            credential: { ...claims, ...otherKind },
            expected: refusesOther ? (403 as const) : ('handler' as const),
          },
        ]),
    { what: 'with exactly what it needs', credential: claims, expected: 'handler' },
  ];
}

function listed(operation: Operation, extension: `x-${string}`): readonly string[] {
  const value: unknown = Reflect.get(operation, extension);
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}
