import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useAuthentication } from '../../../shared/authentication/authentication-context.ts';
import { FailureNotice } from '../../../shared/components/FailureNotice.tsx';
import { Icon } from '../../../shared/components/Icon.tsx';
import { PageHeading } from '../../../shared/components/PageHeading.tsx';
import type { Failure } from '../../../shared/failure.ts';
import { priceOf } from '../../../shared/money.ts';
import { asFailure } from '../../../shared/use-loaded.ts';
import type { ReadItem } from '../api/item.ts';
import { draftOf } from '../api/item-draft.ts';
import { deleteItem, readItem } from '../api/menu-api.ts';
import { Comparison } from './Comparison.tsx';
import { DishPicture } from './DishPicture.tsx';
import { PermissionGate } from './PermissionGate.tsx';
import { WithItem } from './WithItem.tsx';

export function DeleteDishPage() {
  return (
    <PermissionGate
      permission="delete:items"
      title="Delete a dish"
      purpose="Only people who may delete items can take a dish off the menu."
    >
      <WithItem>{(read) => <DeleteDish key={read.item.id} seen={read} />}</WithItem>
    </PermissionGate>
  );
}

function DeleteDish({ seen }: { readonly seen: ReadItem }) {
  const authentication = useAuthentication();
  const navigate = useNavigate();
  const [current, setCurrent] = useState(seen);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const { item, etag } = current;

  const remove = async (): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      await deleteItem(authentication.api, item.id, etag);
      await navigate('/menu', { state: { notice: `${item.name} is off the menu.` } });
    } catch (error) {
      let refused = asFailure(error);
      if (refused.kind === 'conflict') {
        try {
          setCurrent(await readItem(authentication.api, item.id));
        } catch (unread) {
          refused = asFailure(unread);
        }
      }
      setFailure(refused);
      setBusy(false);
      if (refused.kind === 'forbidden') await authentication.refreshCaller();
    }
  };

  return (
    <div className="page page-narrow">
      <Link className="back" to={`/menu/${encodeURIComponent(item.id)}`}>
        <Icon name="back" />
        Back
      </Link>
      <PageHeading title="Take this dish off the menu?" />
      <div className="panel confirmation">
        <div className="confirmation-picture">
          <DishPicture image={item.image} />
        </div>
        <div>
          <h2>{item.name}</h2>
          <p>{item.tagline}</p>
          <p className="price">{priceOf(item.price)}</p>
        </div>
      </div>
      <p className="hint hint-danger">
        <Icon name="warning" />
        <span>This can’t be undone.</span>
      </p>
      {failure && <FailureNotice failure={failure} onRetry={() => void remove()} />}
      {failure?.kind === 'conflict' && current !== seen && (
        <>
          <p>“Yours” is what you were looking at. Delete again if it should go all the same.</p>
          <Comparison mine={draftOf(seen.item)} theirs={item} />
        </>
      )}
      <div className="actions">
        <button type="button" className="button button-danger" disabled={busy} onClick={() => void remove()}>
          <Icon name="bin" />
          {busy ? 'Deleting…' : 'Delete'}
        </button>
        <Link className="button button-quiet" to="/menu">
          Cancel
        </Link>
      </div>
    </div>
  );
}
