import { useEffect, useRef } from 'react';
import { useLocation } from 'react-router';
import { useAuthentication } from '../authentication/authentication-context.ts';
import { wordsFor, type Failure } from '../failure.ts';
import { Icon } from './Icon.tsx';

/** A failure in words, with what can be done about it. */
export function FailureNotice({
  failure,
  onRetry,
  onLeave,
}: {
  readonly failure: Failure;
  readonly onRetry?: () => void;
  /** Called before leaving for the sign-in page, to keep what would be lost. */
  readonly onLeave?: () => void;
}) {
  const notice = useRef<HTMLDivElement>(null);
  // On a phone the form's end may lie under the fold, and so would the reason.
  useEffect(() => {
    notice.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const authentication = useAuthentication();
  const { pathname, search } = useLocation();
  const { title, text, remedy } = wordsFor(failure);
  const signInAgain = (): void => {
    onLeave?.();
    void authentication.signIn(`${pathname}${search}`, failure.maxAge);
  };
  return (
    <div ref={notice} className="notice notice-failure" role="alert">
      <Icon name="warning" />
      <div className="notice-body">
        <p className="notice-title">{title}</p>
        <p>{text}</p>
        {remedy === 'retry' && onRetry && (
          <button type="button" className="button button-small" onClick={onRetry}>
            Retry
          </button>
        )}
        {remedy === 'sign-in' && (
          <button type="button" className="button button-small" onClick={signInAgain}>
            Sign in again
          </button>
        )}
      </div>
    </div>
  );
}
