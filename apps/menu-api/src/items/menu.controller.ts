import { Controller, Get, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Public, RecentLogin, RequirePermissions } from '@portcullis/nest';
import { z } from 'zod';
import { itemSchema, type Item, type NewItem } from './item.ts';
import { ITEM_STORE, type ItemStore } from './item-store.ts';

const menuSchema = z.object({ id: z.string(), items: z.array(itemSchema) });

/** Seconds. */
const TEN_MINUTES = 600;

/** The seeds as items: injection token. */
export const SEED_ITEMS = Symbol('seed-items');

@ApiTags('menu')
@Controller('api/menu')
export class MenuController {
  private readonly store: ItemStore;
  private readonly seeds: readonly NewItem[];

  constructor(@Inject(ITEM_STORE) store: ItemStore, @Inject(SEED_ITEMS) seeds: readonly NewItem[]) {
    this.store = store;
    this.seeds = seeds;
  }

  @Get('menus')
  @Public()
  @ApiOperation({ summary: 'The dishes by category' })
  @ApiResponse({ status: 200, standardSchema: z.array(menuSchema) })
  async menus(): Promise<readonly z.infer<typeof menuSchema>[]> {
    const byCategory = Map.groupBy(await this.store.list(), (item) => item.category);
    return Array.from(byCategory, ([id, items]) => ({ id, items })).toSorted((a, b) =>
      a.id.localeCompare(b.id, 'en'),
    );
  }

  @Post('reset')
  @RequirePermissions('create:items', 'delete:items')
  @RecentLogin(TEN_MINUTES)
  @HttpCode(200)
  @ApiOperation({ summary: 'Puts the menu back to its seeds; needs a recent login' })
  @ApiResponse({ status: 200, standardSchema: z.array(itemSchema) })
  reset(): Promise<readonly Item[]> {
    return this.store.reset(this.seeds);
  }
}
