import { Link, useLocation } from 'react-router';
import {
  useAuthentication,
  useAuthenticationState,
} from '../../shared/authentication/authentication-context.ts';
import { PageHeading } from '../../shared/components/PageHeading.tsx';
import { HomePicture } from './HomePicture.tsx';

export function HomePage() {
  const authentication = useAuthentication();
  const state = useAuthenticationState();
  const { pathname } = useLocation();
  const signedIn = state.status === 'signed-in';
  return (
    <div className="page home">
      <div className="home-words">
        <p className="kicker">The WAB kitchen</p>
        {signedIn ? (
          <PageHeading title="Home">Hello, {state.user.name}</PageHeading>
        ) : (
          <PageHeading title="Home">Good food, kept by those who may</PageHeading>
        )}
        <p className="lead">
          {signedIn
            ? wordsFor(state.caller?.permissions.length)
            : 'Look at every dish without an account. Sign in to see your profile, and to keep the menu if that is your job.'}
        </p>
        <div className="actions">
          <Link className="button button-primary" to="/menu">
            Browse the dishes
          </Link>
          {signedIn && (
            <Link className="button" to="/how">
              How am I authenticated?
            </Link>
          )}
          {(state.status === 'anonymous' || state.status === 'error') && (
            <button type="button" className="button" onClick={() => void authentication.signIn(pathname)}>
              Sign in
            </button>
          )}
        </div>
      </div>
      <HomePicture />
    </div>
  );
}

function wordsFor(permissions: number | undefined): string {
  if (permissions === undefined) return 'The kitchen cannot be asked just now what you may do.';
  return permissions === 0
    ? 'You are signed in as a guest of the house: everything to see, nothing to break.'
    : 'The menu is yours to keep: what you may do is offered where you need it.';
}
