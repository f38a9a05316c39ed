import { REVOKED_BY, type RevokedBy } from '@portcullis/tokens';
import { isRecord } from '../is-record.ts';
import type { ChangePosition } from './change-position.ts';

/** Whose permissions may be others since the change of that number; null: everybody's, through every client. */
export interface Touch {
  readonly number: number;
  readonly subject: string | null;
  readonly client: string | null;
}

/** What denies access tokens that are out already. Times in seconds since the epoch. */
export interface Denial {
  readonly number: number;
  readonly by: RevokedBy;
  readonly value: string;
  /** Null: whenever they were issued. */
  readonly issuedUntil: number | null;
  readonly expiresAt: number;
}

/** What changed between two positions, or, as a snapshot, all that is to be known at one. */
export interface ChangePage extends ChangePosition {
  readonly snapshot: boolean;
  /** In a snapshot: whoever was told at an earlier number looks again. */
  readonly floor?: number;
  readonly touches: readonly Touch[];
  readonly denials: readonly Denial[];
}

const DENIED_BY: ReadonlySet<unknown> = new Set(REVOKED_BY);

/**
 * A page as it came over the wire. One that is wrong in any part is none: what was left out would be somebody who
 * passes.
 *
 * @throws TypeError
 */
export function readPage(answer: unknown): ChangePage {
  if (!isPage(answer)) throw new TypeError('the change feed answered with something else than a page of it');
  return answer;
}

function isPage(answer: unknown): answer is ChangePage {
  if (!isRecord(answer)) return false;
  const { incarnation, number, snapshot, floor, touches, denials } = answer;
  return (
    isText(incarnation) &&
    isNumber(number) &&
    typeof snapshot === 'boolean' &&
    (snapshot ? isNumber(floor) : floor === undefined) &&
    Array.isArray(touches) &&
    touches.every(isTouch) &&
    Array.isArray(denials) &&
    denials.every(isDenial)
  );
}

function isTouch(touch: unknown): touch is Touch {
  return (
    isRecord(touch) &&
    isNumber(touch['number']) &&
    (touch['subject'] === null || isText(touch['subject'])) &&
    (touch['client'] === null || isText(touch['client']))
  );
}

function isDenial(denial: unknown): denial is Denial {
  if (!isRecord(denial)) return false;
  const { number, by, value, issuedUntil, expiresAt } = denial;
  return (
    isNumber(number) &&
    DENIED_BY.has(by) &&
    isText(value) &&
    (issuedUntil === null || isTime(issuedUntil)) &&
    isTime(expiresAt)
  );
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
