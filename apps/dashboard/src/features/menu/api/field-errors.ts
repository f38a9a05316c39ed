import type { Problem } from '../../../shared/problem.ts';
import { ITEM_FIELDS, type FieldErrors, type ItemField } from './item-draft.ts';

/** The API's own complaints, by the form's fields; `rest` are those about no field of the form. */
export function fieldErrorsIn(problem: Problem): {
  readonly fields: FieldErrors;
  readonly rest: readonly string[];
} {
  const fields: Partial<Record<ItemField, string>> = {};
  const rest: string[] = [];
  for (const { pointer, message } of problem.errors ?? []) {
    const name = pointer.replace(/^#?\//, '').split('/')[0];
    const field = ITEM_FIELDS.find((candidate) => candidate === name);
    if (field) fields[field] ??= message;
    else rest.push(message);
  }
  return { fields, rest };
}
