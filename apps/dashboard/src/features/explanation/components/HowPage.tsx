import type { ReactNode } from 'react';
import { useAuthenticationState } from '../../../shared/authentication/authentication-context.ts';
import type { SignedIn } from '../../../shared/authentication/authentication-state.ts';
import { momentOf } from '../../../shared/authentication/who-am-i.ts';
import { PageHeading } from '../../../shared/components/PageHeading.tsx';

export function HowPage() {
  const state = useAuthenticationState();
  return (
    <div className="page page-narrow">
      <p className="kicker">Step by step</p>
      <PageHeading title="How am I authenticated?" />
      {state.status === 'signed-in' ? <Steps signedIn={state} /> : <Anonymous />}
    </div>
  );
}

function Anonymous() {
  return (
    <>
      <p className="lead">
        You are not. Nobody is signed in on this page, and the menu is read without any credential.
      </p>
      <ol className="steps">
        <Step title="You read the menu">
          It is public: the API does not look at who asks, so nothing is sent along.
        </Step>
        <Step title="You sign in, if you like">
          The browser leaves for the sign-in service. Your password is typed there and never here.
        </Step>
        <Step title="You come back with a one-time code">
          Only this tab can exchange it, because only this tab holds the secret that belongs to it.
        </Step>
      </ol>
    </>
  );
}

function Steps({ signedIn }: { readonly signedIn: SignedIn }) {
  const { arrival, idToken, user, caller } = signedIn;
  const authTime = momentOf(caller?.authTime);
  const expiresAt = momentOf(caller?.expiresAt);
  return (
    <>
      <p className="lead">
        {arrival === 'redirect'
          ? 'You signed in just now. This is the way your browser took.'
          : 'This page was loaded anew and found your session again. This is the way your browser took.'}
      </p>
      <ol className="steps">
        {arrival === 'redirect' ? (
          <>
            <Step title="The browser left for the sign-in service">
              It went to <code>{idToken.issuer}</code> as the application <code>{idToken.audience}</code>,
              with a random <code>state</code>, a <code>nonce</code>, and the SHA-256 hash of a secret made in
              this tab (PKCE).
            </Step>
            <Step title="The sign-in service saw you">
              {authTime ? `That was at ${authTime.toLocaleTimeString()}. ` : ''}Your password, if it asked for
              one, stayed there.
            </Step>
            <Step title="It sent you back with a one-time code">
              The <code>state</code> matched, and the code left the address bar at once.
            </Step>
          </>
        ) : (
          <>
            <Step title="A hidden frame asked the sign-in service">
              It asked <code>{idToken.issuer}</code> for the application <code>{idToken.audience}</code> with{' '}
              <code>prompt=none</code>: answer at once or not at all, but show nothing.
            </Step>
            <Step title="The sign-in service knew its own session">
              {authTime ? `You had signed in there at ${authTime.toLocaleTimeString()}. ` : ''}Its answer, a
              one-time code, came as a message to this page alone.
            </Step>
          </>
        )}
        <Step title="The code was exchanged">
          Together with the secret behind the hash. Out came three things, each with its own job, all kept in
          memory and gone with this tab.
        </Step>
        <Step title="The ID token said who you are">
          It is for this application alone: its issuer, audience, nonce and times were checked. It calls you{' '}
          <strong>{user.name}</strong>, subject <code>{idToken.subject}</code>. It is never sent to the API.
        </Step>
        <Step title="The access token goes to the API">
          What is inside is between the sign-in service and the API: this page never looks. It is sent with
          writes and never with reads of the menu
          {expiresAt ? `; the present one ends at ${expiresAt.toLocaleTimeString()}` : ''}. The refresh token
          renews it; it stays in a worker that this page cannot look into.
        </Step>
        <Step title="The API decided who is calling and what they may do">
          {caller ? (
            <>
              It sees a {caller.kind}, by <code>{caller.via}</code>, through{' '}
              <code>{caller.client ?? 'no client'}</code>, with{' '}
              {caller.permissions.length === 0 ? (
                'no permission.'
              ) : (
                <>
                  the permissions <code>{caller.permissions.join(' ')}</code>.
                </>
              )}{' '}
              Buttons here only follow that answer.
            </>
          ) : (
            'It could not be asked just now, so nothing but reading is offered.'
          )}
        </Step>
      </ol>
    </>
  );
}

function Step({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <li>
      <h2>{title}</h2>
      <p>{children}</p>
    </li>
  );
}
