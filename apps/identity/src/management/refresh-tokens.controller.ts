import { Body, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import type { Administrator } from '../authority/administrator.ts';
import { Absent } from '../authority/refused-change.ts';
import { ManagementController } from './management-controller.ts';
import { RequirePermissions } from './management-permissions.ts';
import { byCheckpoint, pageQuery } from './page.ts';
import { RefreshTokenRows } from './refresh-token-rows.ts';
import { By } from './request-administrator.ts';
import { id, text } from './text.ts';

const revokeBody = z
  .strictObject({
    ids: z.array(text(100)).min(1).max(100).optional(),
    user_id: text(300).optional(),
    client_id: text(200).optional(),
    audience: text(600).optional(),
  })
  .refine(
    ({ ids, user_id, client_id, audience }) =>
      ids === undefined
        ? user_id !== undefined && (audience === undefined || client_id !== undefined)
        : user_id === undefined && client_id === undefined && audience === undefined,
    'Either ids, or user_id with or without client_id and then audience',
  );
const listQuery = pageQuery.extend({ user_id: text(300).optional(), client_id: text(200).optional() });

@ManagementController('refresh-tokens')
export class RefreshTokensController {
  readonly #tokens: RefreshTokenRows;

  constructor(@Inject(RefreshTokenRows) tokens: RefreshTokenRows) {
    this.#tokens = tokens;
  }

  @Get()
  @RequirePermissions('read:refresh_tokens')
  list(@Query({ schema: listQuery }) query: z.infer<typeof listQuery>) {
    const { user_id: userId, client_id: clientId, ...page } = query;
    return byCheckpoint(page, 'refresh_tokens', this.#tokens.list({ userId, clientId }));
  }

  @Post('revoke')
  @HttpCode(204)
  @RequirePermissions('delete:refresh_tokens')
  async revoke(
    @By() { actor }: Administrator,
    @Body({ schema: revokeBody }) body: z.infer<typeof revokeBody>,
  ) {
    const { ids, user_id: userId, client_id: clientId, audience } = body;
    await this.#tokens.end(actor, { ids, userId, clientId, audience });
  }

  @Get(':id')
  @RequirePermissions('read:refresh_tokens')
  async find(@Param('id', { schema: id }) publicId: string) {
    const found = await this.#tokens.find(publicId);
    if (!found) throw new Absent('refresh_token');
    return found;
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermissions('delete:refresh_tokens')
  async end(@By() { actor }: Administrator, @Param('id', { schema: id }) publicId: string) {
    if ((await this.#tokens.end(actor, { ids: [publicId] })) === 0) throw new Absent('refresh_token');
  }
}
