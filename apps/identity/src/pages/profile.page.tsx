import { AccountLayout } from './account.layout.tsx';

export interface ProfileForm {
  readonly name: string;
  readonly nickname: string;
  readonly picture: string;
}

const FIELDS = [
  { id: 'name', label: 'Name', autoComplete: 'name', maxLength: 100, required: true },
  { id: 'nickname', label: 'Nickname', autoComplete: 'nickname', maxLength: 50, required: true },
  {
    id: 'picture',
    label: 'Picture (https address)',
    autoComplete: 'photo',
    maxLength: 2048,
    required: false,
  },
] as const;

export function ProfilePage(props: {
  readonly formToken: string;
  readonly email: string;
  readonly form: ProfileForm;
  readonly saved?: boolean;
  readonly objection?: { readonly field: string; readonly message: string };
}) {
  const { objection } = props;
  return (
    <AccountLayout page="account" title="Profile" done={props.saved && 'The profile was saved.'}>
      <p className="soft">
        You log in as <strong>{props.email}</strong>. Applications see what stands here with your next login.
      </p>
      <form method="post" action="/account/profile">
        <input type="hidden" name="form_token" value={props.formToken} />
        {FIELDS.map(({ id, label, ...field }) => (
          <div key={id}>
            <label htmlFor={id}>{label}</label>
            {objection?.field === id && (
              <p role="alert" id="failure">
                {`The ${id} ${objection.message}.`}
              </p>
            )}
            <input
              id={id}
              name={id}
              type={id === 'picture' ? 'url' : 'text'}
              defaultValue={props.form[id]}
              {...field}
              {...(objection?.field === id
                ? { 'aria-invalid': true, 'aria-describedby': 'failure' }
                : undefined)}
            />
          </div>
        ))}
        <button type="submit">Save</button>
      </form>
    </AccountLayout>
  );
}
