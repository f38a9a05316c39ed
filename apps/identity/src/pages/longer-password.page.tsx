import { Layout } from './layout.page.tsx';
import { NewPasswordFields } from './new-password.fields.tsx';

/** For somebody whose password was long enough until they were given more to say. */
export function LongerPasswordPage(props: {
  readonly uid: string;
  readonly formToken: string;
  readonly email: string;
  readonly shortest: number;
  readonly objection?: string | undefined;
}) {
  return (
    <Layout title="Choose a longer password">
      <p>
        Your account may change what others are allowed to do. It needs a password of at least{' '}
        {props.shortest} characters before you can go on. You will be logged out everywhere else.
      </p>
      {props.objection && (
        <p role="alert" id="failure">
          {props.objection}
        </p>
      )}
      <form method="post" action={`/interaction/${props.uid}/password`}>
        <input type="hidden" name="form_token" value={props.formToken} />
        <input type="hidden" name="email" value={props.email} autoComplete="username" />
        <NewPasswordFields shortest={props.shortest} invalid={props.objection !== undefined} />
        <button type="submit">Change the password and log in</button>
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
