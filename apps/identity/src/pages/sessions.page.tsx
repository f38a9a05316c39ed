import { browserName } from '../account/browser-name.ts';
import type { BrowserSession } from '../people/browser-session-store.ts';
import { AccountLayout } from './account.layout.tsx';
import { Time } from './time.tsx';

export function SessionsPage(props: {
  readonly formToken: string;
  readonly sessions: readonly BrowserSession[];
  /** The session that looks at the page. */
  readonly current: string;
  readonly ended: boolean;
}) {
  const hereFirst = props.sessions.toSorted(
    (one, other) => Number(other.uid === props.current) - Number(one.uid === props.current),
  );
  return (
    <AccountLayout page="account/sessions" title="Devices" done={props.ended && 'You are logged out there.'}>
      <p className="soft">Browsers that are logged in to your account, with every application in them.</p>
      <ul className="cards">
        {hereFirst.map((session) => (
          <li key={session.publicId}>
            <Session session={session} here={session.uid === props.current} formToken={props.formToken} />
          </li>
        ))}
      </ul>
      {props.sessions.length > 1 && (
        <form method="post" action="/account/sessions/end-others">
          <input type="hidden" name="form_token" value={props.formToken} />
          <button type="submit">Log out everywhere else</button>
        </form>
      )}
    </AccountLayout>
  );
}

function Session({
  session,
  here,
  formToken,
}: {
  readonly session: BrowserSession;
  readonly here: boolean;
  readonly formToken: string;
}) {
  const { device } = session;
  const name = device ? browserName(device.userAgent) : 'Unknown browser';
  return (
    <>
      <h2>{here ? `${name} (this one)` : name}</h2>
      <p className="soft">
        Last seen <Time at={session.lastSeenAt} />
        {device && (
          <>
            {' from '}
            {device.address}
          </>
        )}
      </p>
      <p className="soft">
        Logged in <Time at={session.loggedInAt} />
      </p>
      {!here && (
        <form method="post" action="/account/sessions/end">
          <input type="hidden" name="form_token" value={formToken} />
          <input type="hidden" name="session" value={session.publicId} />
          <button type="submit" className="quiet" aria-label={`Log out there: ${name}`}>
            Log out there
          </button>
        </form>
      )}
    </>
  );
}
