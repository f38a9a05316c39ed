import { Link, NavLink, useLocation } from 'react-router';
import {
  useAuthentication,
  useAuthenticationState,
} from '../../shared/authentication/authentication-context.ts';
import { Icon } from '../../shared/components/Icon.tsx';
import { Logo } from '../../shared/components/Logo.tsx';

export function Navigation() {
  const authentication = useAuthentication();
  const state = useAuthenticationState();
  const { pathname, search } = useLocation();
  return (
    <header className="rail">
      <Link className="brand" to="/home" aria-label="WAB Dashboard">
        <Logo />
        <span>
          WAB <em>Dashboard</em>
        </span>
      </Link>
      <nav className="nav" aria-label="Main">
        <NavLink to="/home">
          <Icon name="home" />
          <span>Home</span>
        </NavLink>
        <NavLink to="/menu">
          <Icon name="dish" />
          <span>Menu</span>
        </NavLink>
        <NavLink to="/how">
          <Icon name="key" />
          <span>Access</span>
        </NavLink>
        <span className="nav-gap" />
        {state.status === 'loading' && (
          <span className="nav-wait" role="status">
            <span className="spinner" aria-hidden="true" />
            <span>Signing in…</span>
          </span>
        )}
        {state.status === 'signed-in' && (
          <>
            <NavLink to="/profile">
              <Icon name="person" />
              <span>{state.user.name}</span>
            </NavLink>
            <button type="button" onClick={() => void authentication.signOut()}>
              <Icon name="leave" />
              <span>Log Out</span>
            </button>
          </>
        )}
        {(state.status === 'anonymous' || state.status === 'error') && (
          <button
            type="button"
            className="nav-call"
            onClick={() => void authentication.signIn(`${pathname}${search}`)}
          >
            <Icon name="enter" />
            <span>Log In</span>
          </button>
        )}
      </nav>
    </header>
  );
}
