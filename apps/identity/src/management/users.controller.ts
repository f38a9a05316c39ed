import { Body, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Administrator } from '../authority/administrator.ts';
import { Absent } from '../authority/refused-change.ts';
import { UserAdministration } from '../authority/user-administration.ts';
import type { Database } from '../database/database.ts';
import { user } from '../database/schema.ts';
import { DATABASE } from '../identity.tokens.ts';
import { UserStore } from '../people/user-store.ts';
import { ManagementController } from './management-controller.ts';
import { RequirePermissions } from './management-permissions.ts';
import { pageOf, pageQuery } from './page.ts';
import { By } from './request-administrator.ts';
import { fieldsOnly, fieldsQuery, selected } from './selected-fields.ts';
import { tableList } from './table-list.ts';
import { id, metadata, text } from './text.ts';
import { userOrder, userSearch } from './user-search.ts';
import { CONNECTION, wireUser } from './user.wire.ts';

const profile = {
  connection: z.literal(CONNECTION).optional(),
  email_verified: z.boolean().optional(),
  name: text(300).optional(),
  nickname: text(300).optional(),
  blocked: z.boolean().optional(),
  user_metadata: metadata.optional(),
  app_metadata: metadata.optional(),
  /** No mail is sent from here. */
  verify_email: z.literal(false).optional(),
};
const email = z.email().max(254);
const password = text(1024);
const picture = z.url({ protocol: /^https?$/ }).max(2048);

const newUser = z.strictObject({ ...profile, email, password, picture: picture.optional() });
const userChanges = z.strictObject({
  ...profile,
  email: email.optional(),
  password: password.optional(),
  picture: picture.nullable().optional(),
});

/** What a body may say of a user, whether new or known. */
function profileOf(body: z.infer<typeof newUser> | z.infer<typeof userChanges>) {
  return {
    emailVerified: body.email_verified,
    name: body.name,
    nickname: body.nickname,
    blocked: body.blocked,
    userMetadata: body.user_metadata,
    appMetadata: body.app_metadata,
  };
}

const usersQuery = pageQuery.extend({
  ...fieldsQuery,
  q: text(500).optional(),
  sort: text(50).optional(),
  connection: text(100).optional(),
  search_engine: z.literal('v3').optional(),
  primary_order: z.enum(['true', 'false']).optional(),
});
const byEmailQuery = z.strictObject({ ...fieldsQuery, email: text(254) });

@ManagementController('users')
export class UsersController {
  readonly #db: Database;
  readonly #users: UserStore;
  readonly #administration: UserAdministration;

  constructor(
    @Inject(DATABASE) db: Database,
    @Inject(UserStore) users: UserStore,
    @Inject(UserAdministration) administration: UserAdministration,
  ) {
    this.#db = db;
    this.#users = users;
    this.#administration = administration;
  }

  @Get()
  @RequirePermissions('read:users')
  list(@Query({ schema: usersQuery }) query: z.infer<typeof usersQuery>) {
    const { fields, include_fields, q, sort, ...page } = query;
    return pageOf(
      page,
      'users',
      tableList({
        db: this.#db,
        table: user,
        key: user.id,
        keyOf: (row) => row.id,
        where: and(userSearch(q)),
        orderBy: page.take === undefined ? userOrder(sort) : undefined,
        wire: (rows) => rows.map((row) => selected(wireUser(row), { fields, include_fields })),
      }),
    );
  }

  @Post()
  @RequirePermissions('create:users')
  async create(@By() by: Administrator, @Body({ schema: newUser }) body: z.infer<typeof newUser>) {
    return wireUser(
      await this.#administration.create(by, {
        email: body.email,
        password: body.password,
        picture: body.picture,
        ...profileOf(body),
      }),
    );
  }

  @Get(':id')
  @RequirePermissions('read:users')
  async find(
    @Param('id', { schema: id }) userId: string,
    @Query({ schema: fieldsOnly }) fields: z.infer<typeof fieldsOnly>,
  ) {
    const found = await this.#users.find(userId);
    if (!found) throw new Absent('user');
    return selected(wireUser(found), fields);
  }

  @Patch(':id')
  @RequirePermissions('update:users')
  async update(
    @By() by: Administrator,
    @Param('id', { schema: id }) userId: string,
    @Body({ schema: userChanges }) body: z.infer<typeof userChanges>,
  ) {
    return wireUser(
      await this.#administration.update(by, userId, {
        email: body.email,
        password: body.password,
        picture: body.picture,
        ...profileOf(body),
      }),
    );
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermissions('delete:users')
  remove(@By() by: Administrator, @Param('id', { schema: id }) userId: string) {
    return this.#administration.remove(by, userId);
  }
}

@ManagementController('users-by-email')
export class UsersByEmailController {
  readonly #db: Database;

  constructor(@Inject(DATABASE) db: Database) {
    this.#db = db;
  }

  @Get()
  @RequirePermissions('read:users')
  async list(@Query({ schema: byEmailQuery }) query: z.infer<typeof byEmailQuery>) {
    const rows = await this.#db.select().from(user).where(eq(user.email, query.email.toLowerCase()));
    return rows.map((row) => selected(wireUser(row), query));
  }
}
