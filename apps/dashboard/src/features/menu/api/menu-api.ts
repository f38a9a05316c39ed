import type { ApiClient } from '../../../shared/api-client.ts';
import { z } from '../../../shared/schema.ts';
import { Item, type NewItem, type ReadItem } from './item.ts';
import { nextPage } from './next-page.ts';

/** More pages than any menu has: a server that links in circles must not keep us for ever. */
const MOST_PAGES = 50;

export async function listItems(api: ApiClient, signal: AbortSignal): Promise<readonly Item[]> {
  const items: Item[] = [];
  let path: string | undefined = 'api/menu/items';
  for (let page = 0; path !== undefined && page < MOST_PAGES; page += 1) {
    const response = await api.read(path, signal);
    items.push(...z.array(Item).parse(await response.json()));
    path = nextPage(response.headers.get('link'), response.url);
  }
  return items;
}

export async function readItem(api: ApiClient, id: string, signal?: AbortSignal): Promise<ReadItem> {
  return itemIn(await api.read(pathOf(id), signal));
}

export async function addItem(api: ApiClient, item: NewItem): Promise<Item> {
  const response = await api.call('api/menu/items', { method: 'POST', body: item });
  return Item.parse(await response.json());
}

export async function replaceItem(
  api: ApiClient,
  id: string,
  item: NewItem,
  etag: string | undefined,
): Promise<ReadItem> {
  return itemIn(await api.call(pathOf(id), { method: 'PUT', body: item, headers: ifMatch(etag) }));
}

export async function deleteItem(api: ApiClient, id: string, etag: string | undefined): Promise<void> {
  await api.call(pathOf(id), { method: 'DELETE', headers: ifMatch(etag) });
}

function pathOf(id: string): string {
  return `api/menu/items/${encodeURIComponent(id)}`;
}

function ifMatch(etag: string | undefined): Record<string, string> {
  return etag === undefined ? {} : { 'if-match': etag };
}

async function itemIn(response: Response): Promise<ReadItem> {
  return {
    item: Item.parse(await response.json()),
    etag: response.headers.get('etag') ?? undefined,
  };
}
