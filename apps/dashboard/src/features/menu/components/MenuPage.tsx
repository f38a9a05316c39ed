import { useCallback, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import {
  useAuthentication,
  useAuthenticationState,
} from '../../../shared/authentication/authentication-context.ts';
import { permits } from '../../../shared/authentication/authentication-state.ts';
import { FailureNotice } from '../../../shared/components/FailureNotice.tsx';
import { Icon } from '../../../shared/components/Icon.tsx';
import { PageHeading } from '../../../shared/components/PageHeading.tsx';
import { useLoaded } from '../../../shared/use-loaded.ts';
import type { Item } from '../api/item.ts';
import { listItems } from '../api/menu-api.ts';
import { categoryName } from './category-name.ts';
import { DishCard } from './DishCard.tsx';
import { MissingPermission } from './MissingPermission.tsx';

export function MenuPage() {
  const { api } = useAuthentication();
  const state = useAuthenticationState();
  const [loaded, retry] = useLoaded(useCallback((signal: AbortSignal) => listItems(api, signal), [api]));
  return (
    <div className="page">
      <header className="page-head">
        <div>
          <p className="kicker">From the kitchen</p>
          <PageHeading title="Menu" />
        </div>
        {permits(state, 'create:items') && (
          <Link className="button button-primary" to="/menu/add">
            <Icon name="plus" />
            Add Item
          </Link>
        )}
      </header>
      <MissingPermission needs={[{ permission: 'create:items', action: 'add dishes' }]} />
      {loaded.status === 'loading' && <Skeletons />}
      {loaded.status === 'failed' && <FailureNotice failure={loaded.failure} onRetry={retry} />}
      {loaded.status === 'loaded' && <Dishes items={loaded.value} />}
    </div>
  );
}

function Dishes({ items }: { readonly items: readonly Item[] }) {
  const [query, setQuery] = useSearchParams();
  const [wanted, setWanted] = useState('');
  const chosen = query.get('category');
  const categories = [...new Set(items.map((item) => item.category))].toSorted();
  const words = wanted.trim().toLocaleLowerCase();
  const shown = items.filter(
    (item) =>
      (chosen === null || item.category === chosen) &&
      `${item.name} ${item.tagline}`.toLocaleLowerCase().includes(words),
  );
  if (items.length === 0) {
    return <p className="empty">The kitchen has nothing on the menu yet. Come back soon.</p>;
  }
  return (
    <>
      <div className="filters">
        <div className="chips" role="group" aria-label="Show a category">
          {[null, ...categories].map((category) => (
            <button
              key={category}
              type="button"
              className="chip"
              aria-pressed={category === chosen}
              onClick={() => setQuery(category === null ? {} : { category }, { replace: true })}
            >
              {category === null ? 'Everything' : categoryName(category)}
            </button>
          ))}
        </div>
        <input
          type="search"
          className="search"
          aria-label="Find a dish"
          placeholder="Find a dish"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
      </div>
      <p className="visually-hidden" role="status">
        {shown.length} {shown.length === 1 ? 'dish' : 'dishes'} shown
      </p>
      {shown.length === 0 && <p className="empty">No dish fits. Try another word or category.</p>}
      {categories
        .filter((category) => shown.some((item) => item.category === category))
        .map((category) => (
          <section key={category} className="course" aria-labelledby={`course-${category}`}>
            <h2 id={`course-${category}`}>{categoryName(category)}</h2>
            <div className="grid">
              {shown
                .filter((item) => item.category === category)
                .map((item) => (
                  <DishCard key={item.id} item={item} />
                ))}
            </div>
          </section>
        ))}
    </>
  );
}

function Skeletons() {
  return (
    <div role="status">
      <span className="visually-hidden">The dishes are being fetched…</span>
      <div className="grid" aria-hidden="true">
        {Array.from({ length: 8 }, (_, index) => (
          <div key={index} className="card skeleton">
            <div className="card-picture" />
            <div className="card-body">
              <span className="bone" />
              <span className="bone bone-short" />
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}
