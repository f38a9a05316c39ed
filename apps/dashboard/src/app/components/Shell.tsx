import { useEffect } from 'react';
import { Outlet, useLocation } from 'react-router';
import {
  useAuthentication,
  useAuthenticationState,
} from '../../shared/authentication/authentication-context.ts';
import { Icon } from '../../shared/components/Icon.tsx';
import { Navigation } from './Navigation.tsx';

export function Shell() {
  const { pathname } = useLocation();
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to content
      </a>
      <Navigation />
      <main id="content" tabIndex={-1}>
        <SignInProblem />
        <ScrollToTop key={pathname} />
        <Success />
        <Outlet key={pathname} />
      </main>
    </div>
  );
}

function SignInProblem() {
  const authentication = useAuthentication();
  const state = useAuthenticationState();
  if (state.status !== 'error') return null;
  return (
    <div className="notice notice-failure" role="alert">
      <Icon name="warning" />
      <div className="notice-body">
        <p className="notice-title">You are not signed in</p>
        <p>{state.message} The menu can be read all the same.</p>
        <button type="button" className="button button-small" onClick={() => void authentication.restore()}>
          Retry
        </button>
      </div>
    </div>
  );
}

/** A new page begins at its top. */
function ScrollToTop() {
  useEffect(() => {
    window.scrollTo(0, 0);
  }, []);
  return null;
}

/** What the page before accomplished, told on the page that follows. */
function Success() {
  const { state }: { state: unknown } = useLocation();
  const notice = noticeIn(state);
  return (
    <div role="status" className={notice ? 'notice notice-success' : 'visually-hidden'}>
      {notice && (
        <>
          <Icon name="check" />
          <p>{notice}</p>
        </>
      )}
    </div>
  );
}

function noticeIn(state: unknown): string {
  const has = typeof state === 'object' && state !== null && 'notice' in state;
  return has && typeof state.notice === 'string' ? state.notice : '';
}
