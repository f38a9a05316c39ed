import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Public, RecentLogin, RequirePermissions } from '@portcullis/nest';
import { validate as isUuid } from 'uuid';
import { z } from 'zod';
import { etagOf, etagOfList, expectedVersion, notModified } from './etag.ts';
import {
  applyPatch,
  categorySchema,
  itemPatchSchema,
  itemSchema,
  newItemSchema,
  replacementSchema,
} from './item.ts';
import type { Item, ItemPatch, NewItem, Replacement } from './item.ts';
import { FieldsInvalid, ItemAbsent, ItemStale } from './item.exceptions.ts';
import { ITEM_STORE, type ItemStore, type WriteRefusal } from './item-store.ts';
import type { Reply } from './reply.ts';

/** Seconds. */
const TEN_MINUTES = 600;

const listQuerySchema = z.strictObject({ category: categorySchema.optional() });

@ApiTags('menu')
@Controller('api/menu/items')
export class ItemsController {
  private readonly store: ItemStore;

  constructor(@Inject(ITEM_STORE) store: ItemStore) {
    this.store = store;
  }

  @Get()
  @Public()
  @ApiOperation({ summary: 'The dishes, in the order they were added' })
  @ApiResponse({ status: 200, standardSchema: z.array(itemSchema) })
  async list(
    @Query({ schema: listQuerySchema }) query: z.infer<typeof listQuerySchema>,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<readonly Item[] | undefined> {
    const items = await this.store.list(query.category);
    return fresh(reply, etagOfList(items), ifNoneMatch) ? undefined : items;
  }

  @Get(':id')
  @Public()
  @ApiOperation({ summary: 'One dish' })
  @ApiResponse({ status: 200, standardSchema: itemSchema })
  async find(
    @Param('id') id: string,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<Item | undefined> {
    const item = isUuid(id) ? await this.store.find(id) : undefined;
    if (!item) throw new ItemAbsent();
    return fresh(reply, etagOf(item), ifNoneMatch) ? undefined : item;
  }

  @Post()
  @RequirePermissions('create:items')
  @ApiOperation({ summary: 'Adds a dish' })
  @ApiResponse({ status: 201, standardSchema: itemSchema })
  async create(
    @Body({ schema: newItemSchema }) body: NewItem,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<Item> {
    const item = await this.store.insert(body);
    reply.header('location', `/api/menu/items/${item.id}`).header('etag', etagOf(item));
    return item;
  }

  @Put(':id')
  @RequirePermissions('update:items')
  @ApiOperation({ summary: 'Replaces a dish' })
  @ApiResponse({ status: 200, standardSchema: itemSchema })
  async replace(
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body({ schema: replacementSchema }) body: Replacement,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<Item> {
    const { id: named, ...item } = body;
    checkId(id, named);
    const expected = versionsOf(ifMatch);
    if (!isUuid(id)) throw new ItemAbsent();
    return written(reply, await this.store.replace(id, item, expected));
  }

  @Patch(':id')
  @RequirePermissions('update:items')
  @ApiOperation({ summary: 'Changes some fields of a dish (JSON merge patch)' })
  @ApiResponse({ status: 200, standardSchema: itemSchema })
  async patch(
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body({ schema: itemPatchSchema }) body: ItemPatch,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<Item> {
    checkId(id, body.id);
    const expected = versionsOf(ifMatch);
    for (;;) {
      const current = isUuid(id) ? await this.store.find(id) : undefined;
      if (!current) throw new ItemAbsent();
      if (expected && !expected.includes(current.version)) throw new ItemStale();
      const outcome = await this.store.replace(id, applyPatch(current, body), [current.version]);
      // Somebody wrote between the reading and the writing: without If-Match the patch goes on top of that.
      if (outcome === 'stale' && expected === undefined) continue;
      return written(reply, outcome);
    }
  }

  @Delete(':id')
  @RequirePermissions('delete:items')
  @HttpCode(204)
  @ApiOperation({ summary: 'Removes a dish' })
  async remove(@Param('id') id: string, @Headers('if-match') ifMatch: string | undefined): Promise<void> {
    const expected = versionsOf(ifMatch);
    if (!isUuid(id)) throw new ItemAbsent();
    const outcome = await this.store.remove(id, expected);
    if (outcome !== 'removed') throw exceptionOf(outcome);
  }

  @Delete()
  @RequirePermissions('delete:items')
  @RecentLogin(TEN_MINUTES)
  @HttpCode(204)
  @ApiOperation({ summary: 'Removes every dish; needs a recent login' })
  async removeAll(): Promise<void> {
    await this.store.removeAll();
  }
}

function versionsOf(ifMatch: string | undefined): readonly number[] | undefined {
  const expected = expectedVersion(ifMatch);
  if (expected === 'malformed')
    throw new FieldsInvalid([{ pointer: '', message: 'the If-Match header is not a list of entity tags' }]);
  return expected;
}

function checkId(id: string, named: string | undefined): void {
  if (named !== undefined && named !== id)
    throw new FieldsInvalid([{ pointer: '/id', message: 'must be the id in the address' }]);
}

/** Sets the entity tag, and 304 when the client has this representation already. */
function fresh(reply: Reply, etag: string, ifNoneMatch: string | undefined): boolean {
  reply.header('etag', etag).header('cache-control', 'no-cache');
  if (!notModified(ifNoneMatch, etag)) return false;
  reply.status(304);
  return true;
}

function written(reply: Reply, outcome: Item | WriteRefusal): Item {
  if (typeof outcome === 'string') throw exceptionOf(outcome);
  reply.header('etag', etagOf(outcome));
  return outcome;
}

function exceptionOf(refusal: WriteRefusal): ItemAbsent | ItemStale {
  return refusal === 'absent' ? new ItemAbsent() : new ItemStale();
}
