import { Layout } from './layout.page.tsx';

export function LoginPage(props: {
  readonly uid: string;
  readonly formToken: string;
  readonly clientName: string;
  readonly email: string;
  readonly failed: boolean;
}) {
  return (
    <Layout title="Log in">
      <p className="soft">
        to continue to <strong>{props.clientName}</strong>
      </p>
      {props.failed && (
        <p role="alert" id="failure">
          The e-mail address or the password is wrong.
        </p>
      )}
      <form method="post" action={`/interaction/${props.uid}/login`}>
        <input type="hidden" name="form_token" value={props.formToken} />
        <label htmlFor="email">E-mail address</label>
        <input
          id="email"
          name="email"
          type="email"
          autoComplete="username"
          defaultValue={props.email}
          required
          maxLength={254}
          {...(props.failed ? { 'aria-invalid': true, 'aria-describedby': 'failure' } : undefined)}
        />
        <label htmlFor="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          maxLength={1024}
          {...(props.failed ? { 'aria-invalid': true, 'aria-describedby': 'failure' } : undefined)}
        />
        <button type="submit">Log in</button>
      </form>
      <form method="post" action={`/interaction/${props.uid}/abort`}>
        <input type="hidden" name="form_token" value={props.formToken} />
        <button type="submit" className="quiet">
          Cancel
        </button>
      </form>
    </Layout>
  );
}
