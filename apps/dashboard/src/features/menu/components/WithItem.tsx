import { useCallback, type ReactNode } from 'react';
import { useParams } from 'react-router';
import { useAuthentication } from '../../../shared/authentication/authentication-context.ts';
import { FailureNotice } from '../../../shared/components/FailureNotice.tsx';
import { NotFound } from '../../../shared/components/NotFound.tsx';
import { PageHeading } from '../../../shared/components/PageHeading.tsx';
import { useLoaded } from '../../../shared/use-loaded.ts';
import type { ReadItem } from '../api/item.ts';
import { readItem } from '../api/menu-api.ts';

/** Reads the item that the address names, and shows each way that can go. */
export function WithItem({ children }: { readonly children: (read: ReadItem) => ReactNode }) {
  const { id = '' } = useParams();
  const { api } = useAuthentication();
  const [loaded, retry] = useLoaded(
    useCallback((signal: AbortSignal) => readItem(api, id, signal), [api, id]),
  );
  if (loaded.status === 'loaded') return children(loaded.value);
  if (loaded.status === 'loading') {
    return (
      <div className="page" role="status">
        <span className="visually-hidden">The dish is being fetched…</span>
        <div className="dish skeleton" aria-hidden="true">
          <div className="dish-picture" />
          <div className="dish-body">
            <span className="bone bone-title" />
            <span className="bone" />
            <span className="bone" />
            <span className="bone bone-short" />
          </div>
        </div>
      </div>
    );
  }
  if (loaded.failure.kind === 'not-found') {
    return (
      <NotFound title="Dish Not Found" text="This dish is not on the menu. It may have been taken off." />
    );
  }
  return (
    <div className="page">
      <PageHeading title="This dish cannot be shown" />
      <FailureNotice failure={loaded.failure} onRetry={retry} />
    </div>
  );
}
