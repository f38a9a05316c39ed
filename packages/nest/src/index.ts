export { PortcullisModule, type PortcullisAsyncOptions } from './portcullis.module.ts';
export { AUTHENTICATOR, type PortcullisOptions } from './portcullis.options.ts';
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
export { CurrentCaller } from './caller.decorator.ts';
export { RouteAudit, type AuditedRoute } from './route-audit.ts';
export { JsonBodyInterceptor } from './json-body.interceptor.ts';
export { deferBodyParsing } from './defer-body-parsing.ts';
export { ProblemDetailsFilter } from './problem-details.filter.ts';
export { RefusedException } from './refused.exception.ts';
export type { Caller } from '@portcullis/http';
