import { useState } from 'react';
import { useAuthentication } from '../../../shared/authentication/authentication-context.ts';
import type { SignedIn } from '../../../shared/authentication/authentication-state.ts';
import { momentOf } from '../../../shared/authentication/who-am-i.ts';
import { FailureNotice } from '../../../shared/components/FailureNotice.tsx';
import { PageHeading } from '../../../shared/components/PageHeading.tsx';
import { SignInGate } from '../../../shared/components/SignInGate.tsx';
import type { Failure } from '../../../shared/failure.ts';
import { asFailure } from '../../../shared/use-loaded.ts';
import { Avatar } from './Avatar.tsx';

export function ProfilePage() {
  return (
    <SignInGate title="Your profile" purpose="Your profile is shown once you are signed in.">
      {(signedIn) => <Profile signedIn={signedIn} />}
    </SignInGate>
  );
}

function Profile({ signedIn }: { readonly signedIn: SignedIn }) {
  const authentication = useAuthentication();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const { user, caller, callerFailure } = signedIn;

  const checkAgain = async (): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      await authentication.refreshCaller({ renew: true });
    } catch (error) {
      setFailure(asFailure(error));
    }
    setBusy(false);
  };
  const shownFailure = failure ?? callerFailure;

  return (
    <div className="page page-narrow">
      <header className="profile-head">
        <Avatar user={user} />
        <div>
          <PageHeading title="Your profile">{user.name}</PageHeading>
          {user.email !== undefined && (
            <p className="lead">
              {user.email} {user.emailVerified && <span className="tag">verified</span>}
            </p>
          )}
        </div>
      </header>
      {shownFailure && <FailureNotice failure={shownFailure} onRetry={() => void checkAgain()} />}
      {caller && (
        <>
          <section className="panel">
            <h2>What you may do</h2>
            {caller.permissions.length === 0 ? (
              <p>
                This account holds no permission on the menu: you may look at everything and change nothing.
              </p>
            ) : (
              <ul className="permissions">
                {caller.permissions.map((permission) => (
                  <li key={permission}>
                    <code>{permission}</code>
                    <span>{sourcesOf(caller.permissionSources[permission])}</span>
                  </li>
                ))}
              </ul>
            )}
          </section>
          <section className="panel">
            <h2>Your session</h2>
            <dl className="ledger">
              <Fact name="Signed in at" value={when(momentOf(caller.authTime))} />
              <Fact name="With the application" value={caller.client ?? 'not said'} />
              <Fact name="Vouched for by" value={caller.issuer} />
              <Fact name="Known there as" value={caller.subject} />
              <Fact name="Present access until" value={when(momentOf(caller.expiresAt))} />
            </dl>
          </section>
        </>
      )}
      <div className="actions">
        <button type="button" className="button" disabled={busy} onClick={() => void checkAgain()}>
          {busy ? 'Checking…' : 'Check my permissions again'}
        </button>
      </div>
      <p className="visually-hidden" role="status">
        {busy ? 'Checking your permissions' : ''}
      </p>
    </div>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function sourcesOf(sources: readonly string[] | undefined): string {
  return sources && sources.length > 0 ? `from ${sources.join(', ')}` : 'source not said';
}

function when(date: Date | undefined): string {
  return date ? date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }) : 'not said';
}
