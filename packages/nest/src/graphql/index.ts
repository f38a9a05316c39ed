export { PortcullisGraphqlModule, type PortcullisGraphqlOptions } from './portcullis-graphql.module.ts';
export type { CallerNews, NewsOf } from '../websockets/caller-news.ts';
export { RefusedGraphqlError } from './refused.error.ts';
