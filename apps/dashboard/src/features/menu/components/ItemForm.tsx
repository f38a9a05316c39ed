import { useId, useState, type FormEvent, type ReactNode } from 'react';
import { useLocation } from 'react-router';
import { FailureNotice } from '../../../shared/components/FailureNotice.tsx';
import type { Failure } from '../../../shared/failure.ts';
import { fieldErrorsIn } from '../api/field-errors.ts';
import type { NewItem } from '../api/item.ts';
import { draftErrors, EMPTY_DRAFT, itemOf, type ItemDraft, type ItemField } from '../api/item-draft.ts';
import { keptDraft } from '../api/kept-draft.ts';
import { DishPicture } from './DishPicture.tsx';

interface FieldLook {
  readonly label: string;
  readonly hint: string;
  readonly wide?: boolean;
  readonly inputMode?: 'decimal' | 'numeric' | 'url';
  readonly optional?: boolean;
}

const LOOKS: Readonly<Record<ItemField, FieldLook>> = {
  name: { label: 'Name', hint: 'Any script, up to 80 characters', wide: true },
  price: { label: 'Price', hint: 'In dollars, like 8.50', inputMode: 'decimal' },
  calories: { label: 'Calories', hint: 'A whole number', inputMode: 'numeric', optional: true },
  category: { label: 'Category', hint: 'Like lunch or main-dishes', optional: true },
  tagline: { label: 'Tagline', hint: 'One line under the dish', wide: true, optional: true },
  description: { label: 'Description', hint: 'What is on the plate', wide: true },
  image: { label: 'Image', hint: 'Address of a picture, https', wide: true, inputMode: 'url' },
};

const ORDER = ['name', 'price', 'calories', 'category', 'tagline', 'description', 'image'] as const;
const COURSES = ['breakfast', 'desserts', 'drinks', 'lunch', 'sides', 'soups'];

export function ItemForm({
  draft,
  onChange,
  onSave,
  onCancel,
  busy,
  failure,
  children,
}: {
  readonly draft: ItemDraft;
  readonly onChange: (draft: ItemDraft) => void;
  readonly onSave: (item: NewItem) => void;
  readonly onCancel: () => void;
  readonly busy: boolean;
  readonly failure: Failure | undefined;
  /** Shown between the fields and the buttons. */
  readonly children?: ReactNode;
}) {
  const form = useId();
  const { pathname } = useLocation();
  const [refused, setRefused] = useState<{ readonly failure: Failure; readonly draft: ItemDraft }>();
  if (failure && refused?.failure !== failure) setRefused({ failure, draft });
  const errors = draftErrors(draft);
  const said = failure ? fieldErrorsIn(failure.problem) : undefined;
  const item = itemOf(draft);

  /** Our own rule first; else what the API said of this very value. */
  const errorOf = (field: ItemField): string | undefined =>
    errors[field] ?? (refused?.draft[field] === draft[field] ? said?.fields[field] : undefined);

  const save = (event?: FormEvent): void => {
    event?.preventDefault();
    if (item && !busy) onSave(item);
  };

  return (
    <form className="form" onSubmit={save} noValidate aria-busy={busy}>
      <div className="form-fields">
        {ORDER.map((field) => {
          const { label, hint, wide, inputMode, optional } = LOOKS[field];
          const error = errorOf(field);
          const common = {
            id: `${form}-${field}`,
            name: field,
            value: draft[field],
            'aria-invalid': error !== undefined,
            'aria-describedby': `${form}-${field}-hint`,
            'aria-required': !optional,
            autoComplete: 'off',
            onChange: (event: { readonly target: { readonly value: string } }) =>
              onChange({ ...draft, [field]: event.target.value }),
          };
          return (
            <div key={field} className={wide ? 'field field-wide' : 'field'}>
              <div className="field-label">
                <label htmlFor={common.id}>{label}</label>
                {optional && <span>optional</span>}
              </div>
              {field === 'description' ? (
                <textarea {...common} rows={4} />
              ) : (
                <input
                  {...common}
                  type="text"
                  inputMode={inputMode}
                  list={field === 'category' ? `${form}-courses` : undefined}
                />
              )}
              <p
                id={`${form}-${field}-hint`}
                className={error === undefined ? 'field-hint' : 'field-error'}
                aria-live="polite"
              >
                {error ?? hint}
              </p>
            </div>
          );
        })}
        <datalist id={`${form}-courses`}>
          {COURSES.map((course) => (
            <option key={course} value={course}>
              {course}
            </option>
          ))}
        </datalist>
      </div>
      <div className="form-preview" aria-hidden="true">
        <DishPicture image={errors.image === undefined ? draft.image : ''} />
      </div>
      <div className="form-foot">
        {children}
        {failure && failure.kind !== 'conflict' && (
          <FailureNotice failure={failure} onRetry={save} onLeave={() => keptDraft.keep(pathname, draft)} />
        )}
        {said && said.rest.length > 0 && <p className="field-error">{said.rest.join(' ')}</p>}
        <div className="actions">
          <button type="submit" className="button button-primary" disabled={!item || busy}>
            {busy ? 'Saving…' : 'Save'}
          </button>
          <button type="button" className="button" disabled={busy} onClick={() => onChange(EMPTY_DRAFT)}>
            Clear
          </button>
          <button type="button" className="button button-quiet" onClick={onCancel}>
            Cancel
          </button>
        </div>
      </div>
    </form>
  );
}
