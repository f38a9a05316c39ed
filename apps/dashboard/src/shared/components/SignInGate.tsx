import type { ReactNode } from 'react';
import { useLocation } from 'react-router';
import { useAuthentication, useAuthenticationState } from '../authentication/authentication-context.ts';
import type { SignedIn } from '../authentication/authentication-state.ts';
import { Icon } from './Icon.tsx';
import { PageHeading } from './PageHeading.tsx';

/** What is inside needs someone signed in; anybody else is told so, and can do it from here. */
export function SignInGate({
  title,
  purpose,
  children,
}: {
  readonly title: string;
  readonly purpose: string;
  readonly children: (signedIn: SignedIn) => ReactNode;
}) {
  const authentication = useAuthentication();
  const state = useAuthenticationState();
  const { pathname, search } = useLocation();
  if (state.status === 'signed-in') return children(state);
  if (state.status === 'loading') {
    return (
      <div className="page page-centred" role="status">
        <span className="spinner" aria-hidden="true" />
        <p>Looking for your session…</p>
      </div>
    );
  }
  return (
    <div className="page page-centred">
      <span className="medallion">
        <Icon name="lock" />
      </span>
      <PageHeading title={title} />
      <p className="lead">{purpose}</p>
      <button
        type="button"
        className="button button-primary"
        onClick={() => void authentication.signIn(`${pathname}${search}`)}
      >
        Sign in and come back
      </button>
    </div>
  );
}
