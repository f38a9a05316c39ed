export { PortcullisModule, type PortcullisAsyncOptions } from './portcullis.module.ts';
export {
  AUTHENTICATOR,
  NAMED_AUTHENTICATORS,
  type Door,
  type PortcullisOptions,
  type PortcullisOptionsFactory,
} from './portcullis.options.ts';
export type { AccessEvent, AccessObserver, HandlerContext } from './access-event.ts';
export { Gate, type GuardedHandler, type Occasion } from './gate.ts';
export { ContextDoors, type ContextDoor } from './context-door.ts';
export { PortcullisGuard } from './portcullis.guard.ts';
export {
  Authenticated,
  OptionalAuthentication,
  Public,
  RecentLogin,
  RequireAnyPermission,
  RequirePermissions,
} from './access.decorators.ts';
export { UseVerifier } from './use-verifier.decorator.ts';
export { permissionDecorators, type PermissionDecorators } from './permission-decorators.ts';
export { CurrentCaller, type CallerParameter } from './caller.decorator.ts';
export { DeclarationAudit } from './declaration-audit.ts';
export { RouteAudit, withoutRule, type AuditedRoute } from './route-audit.ts';
export type { DeclaredHandler } from './declared-handler.ts';
export { listHandlers, previewOptions, type ListedApplication } from './list-handlers.ts';
export { ruleInWords, type RuleInWords } from './rule-in-words.ts';
export { JsonBodyInterceptor } from './json-body.interceptor.ts';
export { deferBodyParsing } from './defer-body-parsing.ts';
export { ProblemDetailsFilter } from './problem-details.filter.ts';
export { RefusedException } from './refused.exception.ts';
export type { Caller } from '@portcullis/http';
