export function NewPasswordFields({
  shortest,
  invalid,
}: {
  readonly shortest: number;
  readonly invalid: boolean;
}) {
  const described = invalid ? 'failure password-rule' : 'password-rule';
  return (
    <>
      <label htmlFor="current">Current password</label>
      <input
        id="current"
        name="current"
        type="password"
        autoComplete="current-password"
        required
        maxLength={1024}
      />
      <label htmlFor="new">New password</label>
      <input
        id="new"
        name="new"
        type="password"
        autoComplete="new-password"
        required
        maxLength={1024}
        aria-describedby={described}
        {...(invalid ? { 'aria-invalid': true } : undefined)}
      />
      <p className="hint" id="password-rule">
        At least {shortest} characters of any kind. A few words in a row are easy to keep in mind.
      </p>
      <label htmlFor="repeated">New password again</label>
      <input
        id="repeated"
        name="repeated"
        type="password"
        autoComplete="new-password"
        required
        maxLength={1024}
      />
    </>
  );
}
