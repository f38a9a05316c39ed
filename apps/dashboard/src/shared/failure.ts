import type { Challenge } from './challenge.ts';
import type { Problem } from './problem.ts';

export type FailureKind =
  | 'sign-in'
  | 'recent-sign-in'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'invalid'
  | 'busy'
  | 'unavailable'
  | 'unreachable'
  | 'unexpected';

/** Something asked for that did not happen, and why, so that a page can say so in words. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  readonly problem: Problem;
  /** Seconds since sign-in that the API allows for this. */
  readonly maxAge: number | undefined;

  constructor(kind: FailureKind, options: { problem?: Problem; maxAge?: number; message?: string } = {}) {
    super(options.message ?? options.problem?.detail ?? options.problem?.message ?? kind);
    this.kind = kind;
    this.problem = options.problem ?? {};
    this.maxAge = options.maxAge;
  }
}

/** Any refused answer of the API, sorted by what a person can do about it. */
export function failureOf(status: number, problem: Problem, challenge: Challenge): Failure {
  if (status === 401 && challenge.error === 'insufficient_user_authentication') {
    return new Failure('recent-sign-in', { problem, maxAge: challenge.maxAge ?? 0 });
  }
  return new Failure(kindOf(status), { problem });
}

function kindOf(status: number): FailureKind {
  switch (status) {
    case 400:
    case 422:
      return 'invalid';
    case 401:
      return 'sign-in';
    case 403:
      return 'forbidden';
    case 404:
    case 410:
      return 'not-found';
    case 409:
    case 412:
      return 'conflict';
    case 429:
      return 'busy';
    case 502:
    case 503:
    case 504:
      return 'unavailable';
    default:
      return 'unexpected';
  }
}

export interface FailureWords {
  readonly title: string;
  readonly text: string;
  /** What the person is offered: to try the same again, or to sign in and come back. */
  readonly remedy: 'retry' | 'sign-in' | undefined;
}

export function wordsFor(failure: Failure): FailureWords {
  const { kind, problem } = failure;
  const said = problem.detail ?? problem.message;
  switch (kind) {
    case 'sign-in':
      return {
        title: 'Please sign in again',
        text: 'Your sign-in has ended, or was ended for you. Sign in again and you come back to this page.',
        remedy: 'sign-in',
      };
    case 'recent-sign-in':
      return {
        title: 'Please confirm that it is you',
        text: 'This needs a sign-in from the last few minutes. Sign in again and you come back to this page.',
        remedy: 'sign-in',
      };
    case 'forbidden':
      return { title: 'You may not do this', text: missing(problem) ?? said ?? NOT_SAID, remedy: undefined };
    case 'not-found':
      return {
        title: 'It is not there',
        text: 'It does not exist, or someone removed it.',
        remedy: undefined,
      };
    case 'conflict':
      return {
        title: 'Someone else changed it',
        text: said ?? 'It changed after you opened it. Nothing of yours was stored yet.',
        remedy: undefined,
      };
    case 'invalid':
      return {
        title: 'The API did not take this',
        text: said ?? 'Some of what was sent is not valid.',
        remedy: undefined,
      };
    case 'busy':
      return {
        title: 'Too many requests',
        text: 'The API asks for a pause. Wait a moment.',
        remedy: 'retry',
      };
    case 'unavailable':
      return {
        title: 'Not available right now',
        text: said ?? 'The API is there but cannot answer for the moment.',
        remedy: 'retry',
      };
    case 'unreachable':
      return {
        title: 'No connection',
        text: 'The API could not be reached. Look at your connection, or whether it is running.',
        remedy: 'retry',
      };
    case 'unexpected':
      return { title: 'Something went wrong', text: said ?? failure.message, remedy: 'retry' };
  }
}

function missing({ missingPermissions = [] }: Problem): string | undefined {
  if (missingPermissions.length === 0) return undefined;
  const noun = missingPermissions.length === 1 ? 'the permission' : 'the permissions';
  return `Your account lacks ${noun} ${missingPermissions.join(', ')}. Whoever administers the menu can give it to you.`;
}

const NOT_SAID = 'The API refused it without saying which permission is missing.';
