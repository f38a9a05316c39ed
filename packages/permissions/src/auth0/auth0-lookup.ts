import { setTimeout as wait } from 'node:timers/promises';
import { isRecord } from '../is-record.ts';
import type { LookedUp, PermissionLookup } from '../live/permission-lookup.ts';
import { UnexpectedStatus } from '../management/answer.ts';
import { ManagementApi, type ManagementApiOptions } from '../management/management-api.ts';
import { amount, text } from '../option-values.ts';
import { RequestBudget } from './request-budget.ts';

export type Auth0LookupOptions = ManagementApiOptions & {
  /** This API's identifier: permissions of other APIs are left out. */
  readonly audience: string;
  /** Requests a second to the Management API, of all that this process asks. Default 2, what a free tenant allows. */
  readonly requestsPerSecond?: number;
};

/** Auth0's own limit of direct permissions and of those of a role is 1,000. */
const PER_PAGE = 100;
const MOST_PAGES = 20;
/** Milliseconds that a request waits for its turn. */
const LONGEST_WAIT = 4000;
const PAUSE_AFTER_429 = 1;

/**
 * What a user may do by Auth0's own Management API (`GET /api/v2/users/{id}/permissions`, scope `read:users`), and a
 * machine by its client grant (`GET /api/v2/client-grants`, scope `read:client_grants`). Every request waits for its
 * turn, and 429 silences all of them until the tenant has room; what would have to wait too long is unknown.
 *
 * Auth0 announces no changes: remember answers for as long as a change may go unnoticed, and for no fewer seconds than
 * you have callers for each request a second.
 *
 * @throws TypeError naming the option that is wrong
 */
export function auth0Lookup(options: Auth0LookupOptions): PermissionLookup {
  const api = new ManagementApi(options);
  const audience = text('audience', options.audience);
  const budget = new RequestBudget(
    amount('requestsPerSecond', 'requests', options.requestsPerSecond ?? 2, 0.1, 1000),
  );

  const get = async (path: string, query: Readonly<Record<string, string>>, signal: AbortSignal) => {
    const turn = budget.take(LONGEST_WAIT);
    if (turn === undefined)
      throw new NoTurn('the budget of the Management API is used up: remember answers for longer');
    await wait(turn, undefined, { signal });
    try {
      return await api.get({ path, query }, signal);
    } catch (error) {
      if (error instanceof UnexpectedStatus && error.status === 429)
        budget.pause(error.retryAfter ?? PAUSE_AFTER_429);
      throw error;
    }
  };

  const ofUser = async ({ subject }: LookedUp, signal: AbortSignal): Promise<readonly string[]> => {
    const names: string[] = [];
    for (let page = 0; page < MOST_PAGES; page++) {
      const query = { per_page: String(PER_PAGE), page: String(page) };
      const path = `users/${encodeURIComponent(subject)}/permissions`;
      const rows = await get(path, query, signal).catch(absentAsNothing);
      if (!Array.isArray(rows))
        throw new TypeError('the Management API answered with no list of permissions');
      for (const row of rows) if (isOf(audience, row)) names.push(row.permission_name);
      if (rows.length < PER_PAGE) return names;
    }
    throw new Error(`the user has more than ${PER_PAGE * MOST_PAGES} permissions`);
  };

  const ofMachine = async ({ client = '' }: LookedUp, signal: AbortSignal): Promise<readonly string[]> => {
    const grants = await get('client-grants', { client_id: client, audience }, signal);
    if (!Array.isArray(grants)) throw new TypeError('the Management API answered with no list of grants');
    return grants.flatMap((grant: unknown) => scopesOf(grant, client, audience));
  };

  return async (who, signal) => ({
    permissions: await (who.kind === 'machine' ? ofMachine(who, signal) : ofUser(who, signal)),
  });
}

class NoTurn extends Error {
  /** Seconds. */
  readonly retryAfter = LONGEST_WAIT / 1000;
}

interface PermissionRow {
  readonly permission_name: string;
}

function isOf(audience: string, row: unknown): row is PermissionRow {
  if (!isRecord(row)) return false;
  return (
    row['resource_server_identifier'] === audience &&
    typeof row['permission_name'] === 'string' &&
    row['permission_name'] !== ''
  );
}

/** The filters of the query are looked at again: what ignores them must not widen anything. */
function scopesOf(grant: unknown, client: string, audience: string): readonly string[] {
  if (!isRecord(grant) || grant['client_id'] !== client || grant['audience'] !== audience) return [];
  const { scope } = grant;
  return Array.isArray(scope) ? scope.filter((name) => typeof name === 'string' && name !== '') : [];
}

/** A user who is not there any more may do nothing. */
function absentAsNothing(error: unknown): readonly [] {
  if (error instanceof UnexpectedStatus && error.status === 404) return [];
  throw error;
}
