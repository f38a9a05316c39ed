import { useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { useAuthentication } from '../../../shared/authentication/authentication-context.ts';
import { Icon } from '../../../shared/components/Icon.tsx';
import { PageHeading } from '../../../shared/components/PageHeading.tsx';
import { wordsFor, type Failure } from '../../../shared/failure.ts';
import { asFailure } from '../../../shared/use-loaded.ts';
import type { NewItem, ReadItem } from '../api/item.ts';
import { draftOf, itemOf } from '../api/item-draft.ts';
import { keptDraft } from '../api/kept-draft.ts';
import { readItem, replaceItem } from '../api/menu-api.ts';
import { Comparison } from './Comparison.tsx';
import { ItemForm } from './ItemForm.tsx';
import { PermissionGate } from './PermissionGate.tsx';
import { WithItem } from './WithItem.tsx';

export function EditDishPage() {
  return (
    <PermissionGate
      permission="update:items"
      title="Edit a dish"
      purpose="Only people who may update items can change a dish."
    >
      <WithItem>{(read) => <EditDish key={read.item.id} read={read} />}</WithItem>
    </PermissionGate>
  );
}

function EditDish({ read }: { readonly read: ReadItem }) {
  const { item } = read;
  const path = `/menu/${encodeURIComponent(item.id)}`;
  const authentication = useAuthentication();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [draft, setDraft] = useState(() => keptDraft.take(pathname) ?? draftOf(item));
  const [etag, setEtag] = useState(read.etag);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const [theirs, setTheirs] = useState<ReadItem>();

  const save = async (changed: NewItem, version: string | undefined): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    setTheirs(undefined);
    try {
      await replaceItem(authentication.api, item.id, changed, version);
      await navigate(path, { state: { notice: `${changed.name} is saved.` } });
    } catch (error) {
      let refused = asFailure(error);
      if (refused.kind === 'conflict') {
        try {
          setTheirs(await readItem(authentication.api, item.id));
        } catch (unread) {
          refused = asFailure(unread);
        }
      }
      setFailure(refused);
      setBusy(false);
      if (refused.kind === 'forbidden') await authentication.refreshCaller();
    }
  };

  const keepMine = (stored: ReadItem): void => {
    setEtag(stored.etag);
    const mine = itemOf(draft);
    if (mine) void save(mine, stored.etag);
  };
  const takeTheirs = (stored: ReadItem): void => {
    setEtag(stored.etag);
    setDraft(draftOf(stored.item));
    setTheirs(undefined);
    setFailure(undefined);
  };

  return (
    <div className="page page-form">
      <p className="kicker">{item.name}</p>
      <PageHeading title="Edit this dish" />
      <ItemForm
        draft={draft}
        onChange={setDraft}
        onSave={(changed) => void save(changed, etag)}
        onCancel={() => void navigate(path)}
        busy={busy}
        failure={failure}
      >
        {theirs && failure && (
          <div className="notice notice-choice" ref={reveal}>
            <Icon name="warning" />
            <div className="notice-body">
              <div role="alert">
                <p className="notice-title">{wordsFor(failure).title}</p>
                <p>Nothing of yours is lost, and nothing is stored yet. Compare, then choose.</p>
              </div>
              <Comparison mine={draft} theirs={theirs.item} />
              <div className="actions">
                <button
                  type="button"
                  className="button button-small"
                  disabled={!itemOf(draft)}
                  onClick={() => keepMine(theirs)}
                >
                  Keep mine
                </button>
                <button type="button" className="button button-small" onClick={() => takeTheirs(theirs)}>
                  Take theirs
                </button>
              </div>
            </div>
          </div>
        )}
      </ItemForm>
    </div>
  );
}

function reveal(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
}
