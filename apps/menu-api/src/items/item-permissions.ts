/** All that this API asks for, as tokens name it. */
export const ITEM_PERMISSIONS: readonly string[] = Object.freeze([
  'create:items',
  'read:items',
  'update:items',
  'delete:items',
]);
