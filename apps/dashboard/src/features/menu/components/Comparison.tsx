import { draftOf, ITEM_FIELDS, type ItemDraft } from '../api/item-draft.ts';
import type { Item } from '../api/item.ts';

/** What one typed beside what someone else stored meanwhile. */
export function Comparison({ mine, theirs }: { readonly mine: ItemDraft; readonly theirs: Item }) {
  const stored = draftOf(theirs);
  return (
    <div className="comparison">
      <table>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Yours</th>
            <th scope="col">Stored now</th>
          </tr>
        </thead>
        <tbody>
          {ITEM_FIELDS.map((field) => (
            <tr key={field} className={mine[field].trim() === stored[field] ? undefined : 'differs'}>
              <th scope="row">{field}</th>
              <td>{mine[field]}</td>
              <td>{stored[field]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
