import { useCallback, useEffect, useMemo, useState } from 'react';
import { Failure } from './failure.ts';

export type Loaded<Value> =
  | { readonly status: 'loading' }
  | { readonly status: 'loaded'; readonly value: Value }
  | { readonly status: 'failed'; readonly failure: Failure };

/** Runs `load` now and on `retry`; an answer that comes after the page is gone is dropped. */
export function useLoaded<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
): readonly [Loaded<Value>, () => void] {
  const [attempt, setAttempt] = useState(0);
  const asked = useMemo(() => ({ load, attempt }), [load, attempt]);
  const [answer, setAnswer] = useState<{ readonly asked: object; readonly loaded: Loaded<Value> }>();
  useEffect(() => {
    const leaving = new AbortController();
    const settle = (loaded: Loaded<Value>): void => {
      if (!leaving.signal.aborted) setAnswer({ asked, loaded });
    };
    asked.load(leaving.signal).then(
      (value) => settle({ status: 'loaded', value }),
      (error: unknown) => {
        if (!leaving.signal.aborted) settle({ status: 'failed', failure: asFailure(error) });
      },
    );
    return () => leaving.abort();
  }, [asked]);
  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  // An answer to an earlier question is none to this one.
  return [answer?.asked === asked ? answer.loaded : { status: 'loading' }, retry];
}

/** A failure as it is; anything else thrown is a fault of ours, and said to be one. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  reportError(error);
  return new Failure('unexpected', { message: 'The answer could not be understood.' });
}
