import { Delete, Get, HttpCode, Inject, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import type { Administrator } from '../authority/administrator.ts';
import { Absent } from '../authority/refused-change.ts';
import { ManagementController } from './management-controller.ts';
import { RequirePermissions } from './management-permissions.ts';
import { pageOf, pageQuery } from './page.ts';
import { RefreshTokenRows } from './refresh-token-rows.ts';
import { By } from './request-administrator.ts';
import { fieldsQuery, selected } from './selected-fields.ts';
import { id, text } from './text.ts';

const listQuery = pageQuery.extend({
  ...fieldsQuery,
  user_id: text(300).optional(),
  client_id: text(200).optional(),
  type: z.enum(['public_key', 'refresh_token', 'rotating_refresh_token']).optional(),
});

/** Auth0's older view of refresh tokens, one for each device. */
@ManagementController('device-credentials')
export class DeviceCredentialsController {
  readonly #tokens: RefreshTokenRows;

  constructor(@Inject(RefreshTokenRows) tokens: RefreshTokenRows) {
    this.#tokens = tokens;
  }

  @Get()
  @RequirePermissions('read:device_credentials')
  list(@Query({ schema: listQuery }) query: z.infer<typeof listQuery>) {
    const { user_id: userId, client_id: clientId, type, fields, include_fields, ...page } = query;
    const ids = type === 'public_key' ? [] : undefined;
    const tokens = this.#tokens.list({ userId, clientId, ids });
    return pageOf(page, 'device_credentials', {
      ...tokens,
      wire: (rows) =>
        rows.map((row) =>
          selected(
            {
              id: row.publicId,
              device_name: row.clientId,
              device_id: row.grantId,
              type: 'refresh_token',
              user_id: row.accountId,
              client_id: row.clientId,
            },
            { fields, include_fields },
          ),
        ),
    });
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermissions('delete:device_credentials')
  async end(@By() { actor }: Administrator, @Param('id', { schema: id }) publicId: string) {
    if ((await this.#tokens.end(actor, { ids: [publicId] })) === 0) throw new Absent('device_credential');
  }
}
