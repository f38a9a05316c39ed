import { Layout } from './layout.page.tsx';

export function ErrorPage({ error, description }: { readonly error: string; readonly description: string }) {
  return (
    <Layout title="This did not work">
      <p role="alert">{description}</p>
      <p className="soft">
        For whoever maintains the app: <code>{error}</code>
      </p>
    </Layout>
  );
}

export function StartAgainPage() {
  return (
    <Layout title="Please start again">
      <p role="alert">This page was open for too long, was already used, or belongs to another browser.</p>
      <p>Go back to the app that you came from and choose “Log in” there once more.</p>
    </Layout>
  );
}
