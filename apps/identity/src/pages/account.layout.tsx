import type { ReactNode } from 'react';
import type { ACCOUNT_PAGES } from '../clients/account-client.ts';
import { Layout } from './layout.page.tsx';

type Page = (typeof ACCOUNT_PAGES)[number];

const NAMES: Readonly<Record<Page, string>> = {
  account: 'Profile',
  'account/password': 'Password',
  'account/sessions': 'Devices',
  'account/applications': 'Applications',
};

export function AccountLayout({
  page,
  title,
  done,
  children,
}: {
  readonly page: Page;
  readonly title: string;
  /** What was just done, if anything. */
  readonly done?: string | false | undefined;
  readonly children: ReactNode;
}) {
  return (
    <Layout title={title} navigation={<Navigation current={page} />}>
      {done && <p role="status">{done}</p>}
      {children}
    </Layout>
  );
}

function Navigation({ current }: { readonly current: Page }) {
  return (
    <nav aria-label="Your account">
      <ul>
        {Object.entries(NAMES).map(([page, name]) => (
          <li key={page}>
            <a href={`/${page}`} {...(page === current ? { 'aria-current': 'page' } : undefined)}>
              {name}
            </a>
          </li>
        ))}
        <li>
          <a href="/oidc/logout">Log out</a>
        </li>
      </ul>
    </nav>
  );
}

/** For somebody who was asked to log in and did not. */
export function NotLoggedInPage({ page }: { readonly page: Page }) {
  return (
    <Layout title="Not logged in">
      <p>This page is for whoever logged in just now.</p>
      <p>
        <a href={`/${page}`}>Log in</a>
      </p>
    </Layout>
  );
}
