import { isRecord } from '../is-record.ts';
import type { LiveAnswer } from './permission-lookup.ts';

export const EFFECTIVE_PERMISSIONS_PATH = 'effective-permissions';

/**
 * `{ permissions, incarnation, number }`, as the Management API answers.
 *
 * @throws TypeError for anything else: an answer that is wrong in part is none
 */
export function readLiveAnswer(answer: unknown): LiveAnswer {
  const { permissions, incarnation, number } = isRecord(answer) ? answer : {};
  if (
    !areNames(permissions) ||
    typeof incarnation !== 'string' ||
    typeof number !== 'number' ||
    !Number.isSafeInteger(number)
  )
    throw new TypeError('the Management API answered with something else than permissions');
  return { permissions, position: { incarnation, number } };
}

export function areNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '');
}
