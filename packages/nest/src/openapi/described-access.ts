import { CALLER_KINDS, PROBLEM_MEDIA_TYPE, type AccessRule, type CallerRule } from '@portcullis/http';
import type { Verifier } from '@portcullis/tokens';
import type { Response } from './operation.ts';

/** The names under which the security schemes stand in the document. */
export const SCHEMES = { bearer: 'accessToken', dpop: 'boundAccessToken' } as const;

export const securitySchemes = {
  // Without bearerFormat: the token may be a JWT or opaque, and is none of the client's business.
  [SCHEMES.bearer]: {
    type: 'http' as const,
    scheme: 'bearer',
    description: 'An access token for this API, in the Authorization header (RFC 6750)',
  },
  [SCHEMES.dpop]: {
    type: 'http' as const,
    scheme: 'DPoP',
    description: 'An access token bound to a key, with a proof of it in the DPoP header (RFC 9449)',
  },
};

export type SchemeName = keyof typeof securitySchemes;

export function schemesOf({ dpop }: Verifier): readonly SchemeName[] {
  return [...(dpop?.required ? [] : [SCHEMES.bearer]), ...(dpop === undefined ? [] : [SCHEMES.dpop])];
}

export type SecurityRequirements = Record<string, string[]>[];

/** One of the schemes is enough; an empty requirement makes them optional (OpenAPI 3.1, 4.8.30). */
export function securityOf(rule: AccessRule, schemes: readonly SchemeName[]): SecurityRequirements {
  if (rule.access === 'public') return [];
  const requirements = schemes.map((scheme) => ({ [scheme]: [] }));
  return rule.access === 'optional' ? [{}, ...requirements] : requirements;
}

/** For programs: only what the rule asks for. */
export function extensionsOf(rule: AccessRule): Readonly<Record<`x-${string}`, unknown>> {
  if (rule.access !== 'caller') return {};
  const { kinds, allOf, anyOf, maxLoginAge } = rule;
  return {
    ...(kinds.length < CALLER_KINDS.length ? { 'x-caller-kinds': [...kinds] } : {}),
    ...(allOf.length > 0 ? { 'x-required-permissions': [...allOf] } : {}),
    ...(anyOf.length > 0 ? { 'x-required-any-permission': [...anyOf] } : {}),
    ...(maxLoginAge === undefined ? {} : { 'x-max-login-age': maxLoginAge }),
  };
}

/** For people: the same, in sentences. */
export function sentencesOf(rule: AccessRule): string {
  if (rule.access === 'public') return '';
  if (rule.access === 'optional') return 'Takes an access token, and does without.';
  const { kinds, allOf, anyOf, maxLoginAge } = rule;
  const needs = [
    ...(allOf.length > 0 ? [`the permission${allOf.length > 1 ? 's' : ''} ${spelled(allOf, 'and')}`] : []),
    ...(anyOf.length > 0
      ? [
          `${anyOf.length > 1 ? 'one of ' : ''}the permission${anyOf.length > 1 ? 's' : ''} ${spelled(anyOf, 'or')}`,
        ]
      : []),
    ...(maxLoginAge === undefined ? [] : [`a login within the last ${maxLoginAge} seconds`]),
  ];
  const callers = kinds.length < CALLER_KINDS.length ? [`For a ${kinds.join(' or a ')}.`] : [];
  return [`Needs ${spelled(needs.length > 0 ? needs : ['an access token'], 'and')}.`, ...callers].join(' ');
}

function spelled(words: readonly string[], conjunction: string): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`;
}

/** By status, what a door may answer instead of the handler. */
export function refusalsOf(rule: AccessRule): Readonly<Record<string, Response>> {
  if (rule.access === 'public') return {};
  return {
    400: problem('The credential is sent in a form that no scheme has', CHALLENGE),
    401: problem(unauthenticated(rule), CHALLENGE),
    ...(rule.access === 'caller' && asksForMore(rule)
      ? { 403: problem(`Not for this caller. ${sentencesOf(rule)}`, CHALLENGE) }
      : {}),
    429: problem('Too many unknown tokens, or too many requests', RETRY),
    503: problem('Whether the token is good cannot be told now', RETRY),
  };
}

function unauthenticated(rule: AccessRule): string {
  if (rule.access === 'optional') return 'The access token cannot be accepted';
  const tooOld = rule.access === 'caller' && rule.maxLoginAge !== undefined;
  return `No access token, or one that cannot be accepted${tooOld ? ', or the login was too long ago' : ''}`;
}

/** More than that the caller is known. */
function asksForMore({ kinds, allOf, anyOf, maxLoginAge }: CallerRule): boolean {
  return (
    kinds.length < CALLER_KINDS.length || allOf.length > 0 || anyOf.length > 0 || maxLoginAge !== undefined
  );
}

type Headers = NonNullable<Response['headers']>;

const CHALLENGE: Headers = {
  'WWW-Authenticate': { description: 'What to send (RFC 9110, 11.6.1)', schema: { type: 'string' } },
};

const RETRY: Headers = {
  'Retry-After': { description: 'Seconds (RFC 9110, 10.2.3)', schema: { type: 'integer' } },
};

function problem(description: string, headers: Headers): Response {
  return {
    description,
    headers,
    content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}
