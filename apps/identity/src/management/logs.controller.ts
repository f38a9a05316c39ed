import { logCode } from '../audit/log-code.ts';
import { Get, Inject, Param, Query } from '@nestjs/common';
import { and, asc, desc, eq, gt, or } from 'drizzle-orm';
import { z } from 'zod';
import { Absent } from '../authority/refused-change.ts';
import type { Database } from '../database/database.ts';
import { auditEntry } from '../database/schema.ts';
import { DATABASE } from '../identity.tokens.ts';
import { InputInvalid } from './input.pipe.ts';
import { ManagementController } from './management-controller.ts';
import { RequirePermissions } from './management-permissions.ts';
import { byCheckpoint, pageOf, pageQuery, type Listed } from './page.ts';
import { fieldsQuery, selected } from './selected-fields.ts';
import { id } from './text.ts';

type Entry = typeof auditEntry.$inferSelect;

const logsQuery = pageQuery.extend({
  ...fieldsQuery,
  sort: z.enum(['date:1', 'date:-1']).optional(),
});

const entrySchema = z.object({
  actor: z.object({
    client: z.string().optional(),
    address: z.string().optional(),
  }),
});

/** Who changed what: the audit, in Auth0's shape. */
@ManagementController('logs')
export class LogsController {
  readonly #db: Database;

  constructor(@Inject(DATABASE) db: Database) {
    this.#db = db;
  }

  /** Newest first by offset; by checkpoint in the order of the log, whose ids are checkpoints too. */
  @Get()
  @RequirePermissions('read:logs')
  list(@Query({ schema: logsQuery }) query: z.infer<typeof logsQuery>) {
    return entriesOf(this.#db, query);
  }

  @Get(':id')
  @RequirePermissions('read:logs')
  async find(@Param('id', { schema: id }) logId: string) {
    const number = /^\d{1,15}$/.test(logId) ? Number(logId) : undefined;
    const [found] =
      number === undefined
        ? []
        : await this.#db.select().from(auditEntry).where(eq(auditEntry.number, number));
    if (!found) throw new Absent('log');
    return wireEntry(found);
  }
}

@ManagementController('users/:id/logs')
export class UserLogsController {
  readonly #db: Database;

  constructor(@Inject(DATABASE) db: Database) {
    this.#db = db;
  }

  /** What the user did, and what was done to the user. */
  @Get()
  @RequirePermissions('read:logs')
  list(
    @Param('id', { schema: id }) userId: string,
    @Query({ schema: logsQuery }) query: z.infer<typeof logsQuery>,
  ) {
    return entriesOf(this.#db, query, userId);
  }
}

function entriesOf(db: Database, query: z.infer<typeof logsQuery>, userId?: string): Promise<object> {
  const { fields, include_fields, sort, ...page } = query;
  const which =
    userId === undefined
      ? undefined
      : or(
          eq(auditEntry.actor, userId),
          and(eq(auditEntry.targetKind, 'user'), eq(auditEntry.targetId, userId)),
        );
  const checkpoint = page.take !== undefined || page.from !== undefined;
  const ascending = checkpoint || sort === 'date:1';
  const listed: Listed<Entry> = {
    read: ({ limit, offset, after }) =>
      db
        .select()
        .from(auditEntry)
        .where(and(which, after === undefined ? undefined : gt(auditEntry.number, numberIn(after))))
        .orderBy(ascending ? asc(auditEntry.number) : desc(auditEntry.number))
        .limit(limit)
        .offset(offset),
    total: () => db.$count(auditEntry, which),
    placeOf: (row) => String(row.number),
    wire: (rows) => rows.map((row) => selected(wireEntry(row), { fields, include_fields })),
  };
  return checkpoint ? byCheckpoint(page, 'logs', listed) : pageOf(page, 'logs', listed);
}

function numberIn(place: string): number {
  if (!/^\d{1,15}$/.test(place)) throw new InputInvalid('query', "'Not a checkpoint' on property from.");
  return Number(place);
}

function wireEntry({ number, at, action, actor, targetKind, targetId, entry }: Entry) {
  const whole: unknown = JSON.parse(entry);
  const { data } = entrySchema.safeParse(whole);
  return {
    log_id: String(number),
    _id: String(number),
    date: at,
    type: logCode(action),
    description: action,
    client_id: data?.actor.client,
    ip: data?.actor.address,
    user_id: targetKind === 'user' ? targetId : actor,
    details: whole,
  };
}
