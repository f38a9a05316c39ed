import { AccountLayout } from './account.layout.tsx';
import { NewPasswordFields } from './new-password.fields.tsx';

export function PasswordPage(props: {
  readonly formToken: string;
  readonly email: string;
  readonly shortest: number;
  readonly changed?: boolean;
  readonly objection?: string;
}) {
  return (
    <AccountLayout
      page="account/password"
      title="Password"
      done={props.changed && 'The password was changed. You are logged out everywhere else.'}
    >
      <p className="soft">A new password logs you out of every other browser and application.</p>
      {props.objection && (
        <p role="alert" id="failure">
          {props.objection}
        </p>
      )}
      <form method="post" action="/account/password">
        <input type="hidden" name="form_token" value={props.formToken} />
        <input type="hidden" name="email" value={props.email} autoComplete="username" />
        <NewPasswordFields shortest={props.shortest} invalid={props.objection !== undefined} />
        <button type="submit">Change the password</button>
      </form>
    </AccountLayout>
  );
}
