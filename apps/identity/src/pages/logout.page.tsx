import { Layout } from './layout.page.tsx';

/** `form` is oidc-provider's own, with its token and no button. */
export function LogoutPage({ form }: { readonly form: string }) {
  return (
    <Layout title="Log out?">
      <p>You will be logged out of every app that you opened with this account in this browser.</p>
      <div dangerouslySetInnerHTML={{ __html: form }} />
      <button type="submit" form="op.logoutForm" name="logout" value="yes">
        Log out
      </button>
      <button type="submit" form="op.logoutForm" className="quiet">
        Stay logged in
      </button>
    </Layout>
  );
}

export function LoggedOutPage() {
  return (
    <Layout title="Logged out">
      <p>You are logged out. You can close this page.</p>
    </Layout>
  );
}
