export { PortcullisGraphqlModule, type PortcullisGraphqlOptions } from './portcullis-graphql.module.ts';
export { ResolverAudit, type AuditedResolver } from './resolver-audit.ts';
export { RefusedGraphqlError } from './refused.error.ts';
