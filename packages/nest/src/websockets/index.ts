export { GuardedAdapter } from './guarded-adapter.ts';
export { PortcullisWebSocketsModule, type WebSocketsAsyncOptions } from './websockets.module.ts';
export type { CallerNews, NewsOf } from './caller-news.ts';
export type { WebSocketsOptions } from './websockets.options.ts';
