import { useCallback, useEffect, useState } from 'react';
import { Failure } from './failure.ts';

export type Loaded<Value> =
  | { readonly status: 'loading' }
  | { readonly status: 'loaded'; readonly value: Value }
  | { readonly status: 'failed'; readonly failure: Failure };

/** Runs `load` now and on `retry`; an answer that comes after the page is gone is dropped. */
export function useLoaded<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
): readonly [Loaded<Value>, () => void] {
  const [loaded, setLoaded] = useState<Loaded<Value>>({ status: 'loading' });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    setLoaded({ status: 'loading' });
    load(leaving.signal).then(
      (value) => {
        if (!leaving.signal.aborted) setLoaded({ status: 'loaded', value });
      },
      (error: unknown) => {
        if (!leaving.signal.aborted) setLoaded({ status: 'failed', failure: asFailure(error) });
      },
    );
    return () => leaving.abort();
  }, [load, attempt]);
  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  return [loaded, retry];
}

/** A failure as it is; anything else thrown is a fault of ours, and said to be one. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  console.error(error);
  return new Failure('unexpected', { message: 'The answer could not be understood.' });
}
