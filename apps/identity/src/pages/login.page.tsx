import { Layout } from './layout.page.tsx';

const FAILURES = {
  wrong: 'The e-mail address or the password is wrong.',
  later:
    'There were too many attempts. Please try again in a quarter of an hour, or from a browser that you logged in with before.',
  other: 'The application asked for somebody else to log in.',
} as const;

export type LoginFailure = keyof typeof FAILURES;

export function LoginPage(props: {
  readonly uid: string;
  readonly formToken: string;
  readonly clientName: string;
  readonly email: string;
  /** Somebody is logged in already, and is asked to show that it is still them. */
  readonly again: boolean;
  readonly failure?: LoginFailure | undefined;
}) {
  const { failure } = props;
  const invalid = failure && { 'aria-invalid': true, 'aria-describedby': 'failure' };
  return (
    <Layout title={props.again ? 'Log in again' : 'Log in'}>
      <p className="soft">
        {props.again ? 'to confirm that it is you, for ' : 'to continue to '}
        <strong>{props.clientName}</strong>
      </p>
      {failure && (
        <p role="alert" id="failure">
          {FAILURES[failure]}
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
          {...invalid}
        />
        <label htmlFor="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          maxLength={1024}
          {...invalid}
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
