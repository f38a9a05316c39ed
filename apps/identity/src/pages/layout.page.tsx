import type { ReactElement, ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

/** The frame of every page: plain HTML and one stylesheet, no script. */
export function Layout({
  title,
  navigation,
  children,
}: {
  readonly title: string;
  /** Of pages that belong together; they are wider, too. */
  readonly navigation?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Portcullis`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/assets/pages.css" />
      </head>
      <body>
        <main className={navigation ? 'wide' : undefined}>
          <p className="brand">Portcullis</p>
          {navigation}
          <h1>{title}</h1>
          {children}
        </main>
      </body>
    </html>
  );
}

export function renderPage(page: ReactElement): string {
  return `<!doctype html>${renderToStaticMarkup(page)}`;
}
