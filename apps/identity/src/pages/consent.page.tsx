import { Layout } from './layout.page.tsx';

export function ConsentPage(props: {
  readonly uid: string;
  readonly formToken: string;
  readonly clientName: string;
  readonly userEmail: string;
  readonly wishes: { readonly asked: readonly string[]; readonly allowed: readonly string[] };
  /** Where the answer goes, so that a stranger using a known name can be noticed; undefined: to a device. */
  readonly destination: string | undefined;
}) {
  const { asked, allowed } = props.wishes;
  return (
    <Layout title={`Allow ${props.clientName}?`}>
      <p>
        <strong>{props.clientName}</strong> asks for {allowed.length > 0 && 'more '}access as{' '}
        <strong>{props.userEmail}</strong>:
      </p>
      <Wishes wishes={asked} />
      {allowed.length > 0 && (
        <>
          <p className="soft">You allowed this before:</p>
          <Wishes wishes={allowed} />
        </>
      )}
      <p className="soft">
        {props.destination === undefined ? (
          'The answer goes to the device that showed you a code.'
        ) : (
          <>
            The answer goes to <code>{props.destination}</code>.
          </>
        )}{' '}
        If you did not start this yourself, deny it.
      </p>
      <form method="post" action={`/interaction/${props.uid}/consent`}>
        <input type="hidden" name="form_token" value={props.formToken} />
        <button type="submit">Allow</button>
      </form>
      <form method="post" action={`/interaction/${props.uid}/abort`}>
        <input type="hidden" name="form_token" value={props.formToken} />
        <button type="submit" className="quiet">
          Deny
        </button>
      </form>
    </Layout>
  );
}

function Wishes({ wishes }: { readonly wishes: readonly string[] }) {
  return (
    <ul>
      {wishes.map((wish) => (
        <li key={wish}>{wish}</li>
      ))}
    </ul>
  );
}
