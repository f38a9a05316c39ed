import { errors, type ErrorOut, type KoaContextWithOIDC } from 'oidc-provider';
import { ErrorPage, StartAgainPage } from './error.page.tsx';
import { renderPage } from './layout.page.tsx';
import { LoggedOutPage, LogoutPage } from './logout.page.tsx';

/** The pages that oidc-provider itself shows. */
export function renderErrorPage(ctx: KoaContextWithOIDC, out: ErrorOut, error?: Error): void {
  ctx.type = 'html';
  ctx.body = renderPage(
    error instanceof errors.SessionNotFound ? (
      <StartAgainPage />
    ) : (
      <ErrorPage error={out.error} description={out.error_description ?? 'The request cannot be served.'} />
    ),
  );
}

export function renderLogoutPage(ctx: KoaContextWithOIDC, form: string): void {
  ctx.type = 'html';
  ctx.body = renderPage(<LogoutPage form={form} />);
}

export function renderLoggedOutPage(ctx: KoaContextWithOIDC): void {
  ctx.type = 'html';
  ctx.body = renderPage(<LoggedOutPage />);
}
