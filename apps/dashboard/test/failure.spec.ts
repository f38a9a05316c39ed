import { describe, expect, it } from 'vitest';
import { readChallenge } from '../src/shared/challenge.ts';
import { failureOf, wordsFor } from '../src/shared/failure.ts';
import { problemOf } from '../src/shared/problem.ts';

const NONE = readChallenge(null);

describe('a refused answer in words', () => {
  it('401 asks to sign in again', () => {
    const words = wordsFor(failureOf(401, {}, readChallenge('Bearer realm="x", error="invalid_token"')));
    expect(words.remedy).toBe('sign-in');
    expect(words.title).toMatch(/sign in again/);
  });

  it('401 with a step-up keeps how recent the sign-in has to be', () => {
    const challenge = readChallenge('Bearer error="insufficient_user_authentication", max_age="600"');
    expect(failureOf(401, {}, challenge)).toMatchObject({ kind: 'recent-sign-in', maxAge: 600 });
  });

  it('403 names the missing permission', () => {
    const words = wordsFor(failureOf(403, { missingPermissions: ['create:items'] }, NONE));
    expect(words.text).toContain('create:items');
    expect(words.remedy).toBeUndefined();
  });

  it('403 without the list repeats what the API said', () => {
    expect(wordsFor(failureOf(403, { detail: 'needs create:items' }, NONE)).text).toBe('needs create:items');
  });

  it.each([
    [400, 'invalid', undefined],
    [404, 'not-found', undefined],
    [409, 'conflict', undefined],
    [412, 'conflict', undefined],
    [429, 'busy', 'retry'],
    [503, 'unavailable', 'retry'],
    [500, 'unexpected', 'retry'],
  ])('%d is %s', (status, kind, remedy) => {
    const failure = failureOf(status, {}, NONE);
    expect(failure.kind).toBe(kind);
    expect(wordsFor(failure)).toMatchObject({ remedy, text: expect.stringMatching(/\w/) });
  });

  it('reads a problem from JSON of any kind, and nothing from a page', async () => {
    const problem = new Response('{"detail":"no","status":403,"more":1}', {
      headers: { 'content-type': 'application/problem+json' },
    });
    expect(await problemOf(problem)).toMatchObject({ detail: 'no' });
    const page = new Response('<h1>Bad gateway</h1>', { headers: { 'content-type': 'text/html' } });
    expect(await problemOf(page)).toEqual({});
    const broken = new Response('{', { headers: { 'content-type': 'application/json' } });
    expect(await problemOf(broken)).toEqual({});
  });
});
