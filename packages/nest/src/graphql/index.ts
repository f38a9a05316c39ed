export { PortcullisGraphqlModule, type PortcullisGraphqlOptions } from './portcullis-graphql.module.ts';
export { RefusedGraphqlError } from './refused.error.ts';
