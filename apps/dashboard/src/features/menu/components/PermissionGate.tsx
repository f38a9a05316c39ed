import { useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { permits } from '../../../shared/authentication/authentication-state.ts';
import { FailureNotice } from '../../../shared/components/FailureNotice.tsx';
import { Icon } from '../../../shared/components/Icon.tsx';
import { PageHeading } from '../../../shared/components/PageHeading.tsx';
import { SignInGate } from '../../../shared/components/SignInGate.tsx';
import { useAuthentication } from '../../../shared/authentication/authentication-context.ts';

/**
 * What is inside needs a permission. The gate only spares people a vain attempt: the API decides,
 * and whoever wants to see that may go on.
 */
export function PermissionGate({
  permission,
  title,
  purpose,
  children,
}: {
  readonly permission: string;
  readonly title: string;
  readonly purpose: string;
  readonly children: ReactNode;
}) {
  const authentication = useAuthentication();
  const [insisted, setInsisted] = useState(false);
  // A permission lost while the form is open must not take away what was typed.
  const [opened, setOpened] = useState(false);
  return (
    <SignInGate title={title} purpose={`${purpose} Sign in with an account that may.`}>
      {(state) => {
        const permitted = permits(state, permission);
        if (permitted && !opened) setOpened(true);
        if (permitted || opened || insisted) return children;
        return (
          <div className="page page-centred">
            <span className="medallion">
              <Icon name="lock" />
            </span>
            <PageHeading title={title} />
            {state.callerFailure ? (
              <FailureNotice
                failure={state.callerFailure}
                onRetry={() => void authentication.refreshCaller()}
              />
            ) : (
              <p className="lead">
                {purpose} You are signed in as {state.user.name}, and this account has no{' '}
                <code>{permission}</code> permission.
              </p>
            )}
            <div className="actions">
              <Link className="button button-primary" to="/menu">
                Browse the dishes
              </Link>
              <button type="button" className="button" onClick={() => setInsisted(true)}>
                Try anyway — let the API decide
              </button>
            </div>
          </div>
        );
      }}
    </SignInGate>
  );
}
