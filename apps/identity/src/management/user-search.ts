import { and, asc, desc, eq, ilike, or, type SQL } from 'drizzle-orm';
import { user } from '../database/schema.ts';
import { InputInvalid } from './input.pipe.ts';

const TEXTS = { email: user.email, name: user.name, nickname: user.nickname, user_id: user.id } as const;
const FLAGS = { blocked: user.blocked, email_verified: user.emailVerified } as const;
const SORTABLE = {
  ...TEXTS,
  created_at: user.createdAt,
  updated_at: user.updatedAt,
  last_login: user.lastLoginAt,
  logins_count: user.loginsCount,
} as const;

const TERM = /\s*(?:(\w+):)?(?:"([^"]*)"|([^\s":()[\]]+))(?:\s+AND(?=\s)|\s*$)/y;

/** The part of Auth0's search that these columns answer: `email:"a@b.c" AND name:ada*`, or a word of the name or address. */
export function userSearch(query: string | undefined): SQL | undefined {
  if (query === undefined) return undefined;
  const conditions: (SQL | undefined)[] = [];
  for (let at = 0; at < query.length;) {
    TERM.lastIndex = at;
    const match = TERM.exec(query);
    if (!match) throw new InputInvalid('query', "'Not understood' on property q.");
    at = TERM.lastIndex;
    conditions.push(condition(match[1], match[2] ?? match[3] ?? ''));
  }
  return and(...conditions);
}

/** Such as `created_at:-1`. */
export function userOrder(sort: string | undefined): SQL[] {
  if (sort === undefined) return [asc(user.createdAt), asc(user.id)];
  const [, field = '', direction] = /^(\w+):(1|-1)$/.exec(sort) ?? [];
  if (!isIn(SORTABLE, field)) throw new InputInvalid('query', "'Not understood' on property sort.");
  const column = SORTABLE[field];
  return [direction === '-1' ? desc(column) : asc(column), asc(user.id)];
}

function condition(field: string | undefined, value: string): SQL | undefined {
  const beginning = value.endsWith('*');
  const wanted = beginning ? value.slice(0, -1) : value;
  // Any number of gaps would be any amount of work.
  if (wanted.includes('*'))
    throw new InputInvalid('query', "'A star stands at the end alone' on property q.");
  const pattern = wanted.replaceAll(/[\\%_]/g, String.raw`\$&`);
  if (field === undefined) return or(ilike(user.email, `%${pattern}%`), ilike(user.name, `%${pattern}%`));
  if (isIn(FLAGS, field)) return eq(FLAGS[field], value === 'true');
  if (!isIn(TEXTS, field)) throw new InputInvalid('query', "'Unknown field' on property q.");
  return beginning
    ? ilike(TEXTS[field], `${pattern}%`)
    : eq(TEXTS[field], field === 'email' ? wanted.toLowerCase() : wanted);
}

function isIn<Names extends object>(names: Names, name: string): name is string & keyof Names {
  return Object.hasOwn(names, name);
}
