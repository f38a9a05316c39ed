export { CALLER_KINDS, type Caller, type CallerKind } from './caller.ts';
export type { RequestHead } from './request-head.ts';
export {
  callerRule,
  optionalRule,
  publicRule,
  type AccessRule,
  type CallerRule,
  type OptionalRule,
  type PublicRule,
} from './access-rule.ts';
export type { AcceptedSchemes } from './accepted-schemes.ts';
export {
  createAuthenticator,
  type Authenticator,
  type AuthenticatorOptions,
  type Outcome,
} from './authenticator.ts';
export type { Standing } from './standing.ts';
export { admit, decide, type Decided } from './decide.ts';
export { whoIsCalling, type Judge } from './visit.ts';
export { authorize } from './authorize.ts';
export { callerOf, setCaller } from './caller-of-request.ts';
export {
  authenticate,
  optionalAuthentication,
  requireAnyPermission,
  requireAuthentication,
  requirePermissions,
  requireRecentLogin,
  sendRefusal,
  type Middleware,
} from './middleware.ts';
export type { RouteRules } from './route-rules.ts';
export { protectExpress, type ExpressRoutes } from './protect-express.ts';
export { protectFastify, type FastifyRoutes } from './protect-fastify.ts';
export {
  resourceMetadata,
  resourceMetadataUrl,
  serveResourceMetadata,
  type ResourceMetadata,
  type ResourceMetadataOptions,
} from './resource-metadata.ts';
export { createProblem, PROBLEM_MEDIA_TYPE, type FieldError, type Problem } from './problem.ts';
export { createRefusals, Refusal, type PermissionLack, type Refusals } from './refusal.ts';
export { BodyRefused, readJsonBody, type JsonBodyOptions } from './json-body.ts';
