import { Link } from 'react-router';
import { useAuthenticationState } from '../../../shared/authentication/authentication-context.ts';
import { permits } from '../../../shared/authentication/authentication-state.ts';
import { Icon } from '../../../shared/components/Icon.tsx';
import { PageHeading } from '../../../shared/components/PageHeading.tsx';
import { priceOf } from '../../../shared/money.ts';
import type { Item } from '../api/item.ts';
import { categoryName } from './category-name.ts';
import { DishPicture } from './DishPicture.tsx';
import { MissingPermission } from './MissingPermission.tsx';
import { WithItem } from './WithItem.tsx';

export function DishPage() {
  return <WithItem>{({ item }) => <Dish item={item} />}</WithItem>;
}

function Dish({ item }: { readonly item: Item }) {
  const state = useAuthenticationState();
  const path = `/menu/${encodeURIComponent(item.id)}`;
  return (
    <div className="page">
      <Link className="back" to="/menu">
        <Icon name="back" />
        Back
      </Link>
      <article className="dish">
        <div className="dish-picture">
          <DishPicture image={item.image} />
        </div>
        <div className="dish-body">
          <p className="kicker">{categoryName(item.category)}</p>
          <PageHeading title={item.name} />
          {item.tagline && <p className="lead">{item.tagline}</p>}
          <dl className="facts">
            <div>
              <dt>Costs</dt>
              <dd className="price">{priceOf(item.price)}</dd>
            </div>
            {item.calories !== undefined && item.calories !== null && (
              <div>
                <dt>Energy</dt>
                <dd>{item.calories} kcal</dd>
              </div>
            )}
          </dl>
          <p className="dish-description">{item.description}</p>
          <div className="actions">
            {permits(state, 'update:items') && (
              <Link className="button" to={`${path}/edit`}>
                <Icon name="pencil" />
                Edit
              </Link>
            )}
            {permits(state, 'delete:items') && (
              <Link className="button button-danger-quiet" to={`${path}/delete`}>
                <Icon name="bin" />
                Delete
              </Link>
            )}
          </div>
          <MissingPermission
            needs={[
              { permission: 'update:items', action: 'change this dish' },
              { permission: 'delete:items', action: 'remove it' },
            ]}
          />
        </div>
      </article>
    </div>
  );
}
