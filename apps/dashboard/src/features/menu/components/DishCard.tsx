import { Link } from 'react-router';
import { priceOf } from '../../../shared/money.ts';
import type { Item } from '../api/item.ts';
import { categoryName } from './category-name.ts';
import { DishPicture } from './DishPicture.tsx';

export function DishCard({ item }: { readonly item: Item }) {
  return (
    <article className="card">
      <div className="card-picture">
        <DishPicture image={item.image} />
      </div>
      <div className="card-body">
        <h3>
          <Link to={`/menu/${encodeURIComponent(item.id)}`}>{item.name}</Link>
        </h3>
        <p className="card-tagline">{item.tagline}</p>
        <p className="card-facts">
          <span className="tag">{categoryName(item.category)}</span>
          <span className="price">{priceOf(item.price)}</span>
        </p>
      </div>
    </article>
  );
}
