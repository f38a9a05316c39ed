import { ItemDraft } from './item-draft.ts';

/** A form's content kept in this tab while its owner signs in again. */
export const keptDraft = {
  keep: (path: string, draft: ItemDraft): void =>
    sessionStorage.setItem(`wab-dashboard.draft:${path}`, JSON.stringify(draft)),

  /** What was kept for this page, once. */
  take: (path: string): ItemDraft | undefined => {
    const kept = sessionStorage.getItem(`wab-dashboard.draft:${path}`);
    sessionStorage.removeItem(`wab-dashboard.draft:${path}`);
    if (kept === null) return undefined;
    const draft = ItemDraft.safeParse(JSON.parse(kept));
    return draft.success ? draft.data : undefined;
  },
};
