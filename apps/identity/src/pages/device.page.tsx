import { Layout } from './layout.page.tsx';

/** Where a person types the code that a device shows (RFC 8628, 3.3). */
export function DeviceCodePage(props: {
  readonly action: string;
  readonly xsrf: string;
  readonly userCode: string;
  /** What went wrong with the code before. */
  readonly failure: string | undefined;
}) {
  return (
    <Layout title="Connect a device">
      {props.failure !== undefined && (
        <p role="alert" id="failure">
          {props.failure}
        </p>
      )}
      <p className="soft">
        Only type a code that a device in front of you shows, never one that was sent to you.
      </p>
      <form method="post" action={props.action}>
        <input type="hidden" name="xsrf" value={props.xsrf} />
        <label htmlFor="user_code">Code that your device shows</label>
        <input
          id="user_code"
          name="user_code"
          defaultValue={props.userCode}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          required
          maxLength={20}
          {...(props.failure === undefined
            ? undefined
            : { 'aria-invalid': true, 'aria-describedby': 'failure' })}
        />
        <button type="submit">Continue</button>
      </form>
    </Layout>
  );
}

export function DeviceConfirmPage(props: {
  readonly action: string;
  readonly xsrf: string;
  readonly userCode: string;
  readonly clientName: string;
}) {
  return (
    <Layout title="Is this your device?">
      <p>
        <strong>{props.clientName}</strong> wants to be connected to your account. Your device must show this
        code:
      </p>
      <p className="user-code">
        <code>{props.userCode}</code>
      </p>
      <form method="post" action={props.action}>
        <input type="hidden" name="xsrf" value={props.xsrf} />
        <input type="hidden" name="user_code" value={props.userCode} />
        <input type="hidden" name="confirm" value="yes" />
        <button type="submit">Yes, continue</button>
        <button type="submit" className="quiet" name="abort" value="yes">
          No, deny it
        </button>
      </form>
    </Layout>
  );
}

export function DeviceConnectedPage({ clientName }: { readonly clientName: string }) {
  return (
    <Layout title="Device connected">
      <p>
        <strong>{clientName}</strong> is connected. You can close this page and go back to your device.
      </p>
    </Layout>
  );
}
