import type { Application } from '../people/consent-store.ts';
import { AccountLayout } from './account.layout.tsx';
import { Time } from './time.tsx';

export type ApplicationInWords = Application & { readonly may: readonly string[] };

export function ApplicationsPage(props: {
  readonly formToken: string;
  readonly applications: readonly ApplicationInWords[];
  readonly revoked: boolean;
}) {
  return (
    <AccountLayout
      page="account/applications"
      title="Applications"
      done={props.revoked && 'The application has no access any more.'}
    >
      <p className="soft">
        {props.applications.length === 0
          ? 'No application acts for you.'
          : 'These act for you, within what you yourself are allowed to do.'}
      </p>
      <ul className="cards">
        {props.applications.map((application) => (
          <li key={application.clientId}>
            <h2>{application.name}</h2>
            <p className="soft">
              {application.firstParty ? 'One of ours' : 'Allowed by you'}, since{' '}
              <Time at={application.since} />
            </p>
            <ul>
              {application.may.map((wish) => (
                <li key={wish}>{wish}</li>
              ))}
            </ul>
            <form method="post" action="/account/applications/revoke">
              <input type="hidden" name="form_token" value={props.formToken} />
              <input type="hidden" name="client" value={application.clientId} />
              <button type="submit" className="quiet" aria-label={`Take access away: ${application.name}`}>
                Take access away
              </button>
            </form>
          </li>
        ))}
      </ul>
    </AccountLayout>
  );
}
