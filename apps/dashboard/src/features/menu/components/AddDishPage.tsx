import { useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { useAuthentication } from '../../../shared/authentication/authentication-context.ts';
import { PageHeading } from '../../../shared/components/PageHeading.tsx';
import type { Failure } from '../../../shared/failure.ts';
import { asFailure } from '../../../shared/use-loaded.ts';
import type { NewItem } from '../api/item.ts';
import { sampleDraft } from '../api/item-draft.ts';
import { keptDraft } from '../api/kept-draft.ts';
import { addItem } from '../api/menu-api.ts';
import { ItemForm } from './ItemForm.tsx';
import { PermissionGate } from './PermissionGate.tsx';

export function AddDishPage() {
  return (
    <PermissionGate
      permission="create:items"
      title="Add a dish"
      purpose="Only people who may create items can add a dish."
    >
      <AddDish />
    </PermissionGate>
  );
}

function AddDish() {
  const authentication = useAuthentication();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [draft, setDraft] = useState(
    () => keptDraft.take(pathname) ?? sampleDraft(authentication.api.baseUrl),
  );
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();

  const save = async (item: NewItem): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      const added = await addItem(authentication.api, item);
      await navigate(`/menu/${encodeURIComponent(added.id)}`, {
        state: { notice: `${added.name} is on the menu.` },
      });
    } catch (error) {
      const refused = asFailure(error);
      setFailure(refused);
      setBusy(false);
      if (refused.kind === 'forbidden') await authentication.refreshCaller();
    }
  };

  return (
    <div className="page page-form">
      <p className="kicker">New on the menu</p>
      <PageHeading title="Add a dish" />
      <ItemForm
        draft={draft}
        onChange={setDraft}
        onSave={(item) => void save(item)}
        onCancel={() => void navigate('/menu')}
        busy={busy}
        failure={failure}
      />
    </div>
  );
}
