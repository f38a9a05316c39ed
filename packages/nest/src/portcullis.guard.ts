import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Refusal, setCaller, type Outcome } from '@portcullis/http';
import { ContextDoors } from './context-door.ts';
import { Gate, type GuardedHandler, type Occasion } from './gate.ts';
import { frameworkRequest, nodeRequest } from './raw-request.ts';
import { RefusedException } from './refused.exception.ts';
import { requestIdOf } from './request-id.ts';

/** One guard for the whole application: who is calling (401), then may they (403). */
@Injectable()
export class PortcullisGuard implements CanActivate {
  protected readonly gate: Gate;
  private readonly doors: ContextDoors;

  constructor(@Inject(Gate) gate: Gate, @Inject(ContextDoors) doors: ContextDoors) {
    this.gate = gate;
    this.doors = doors;
  }

  /** At once when nothing has to be waited for: a promise for every request would be felt. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const handler = this.gate.handlerOf(context.getClass(), context.getHandler());
    const type = context.getType<string>();
    if (type === 'http') return this.overHttp(context, handler);
    const door = this.doors.get(type);
    if (door === undefined) throw new RefusedException(handler.authenticator.refusals.noRule());
    return door.canActivate(context, handler);
  }

  protected overHttp(context: ExecutionContext, handler: GuardedHandler): boolean | Promise<boolean> {
    const given = frameworkRequest(context);
    const request = nodeRequest(given);
    const occasion = { context: 'http' as const, method: request.method, requestId: requestIdOf(given) };
    const outcome = this.outcomeOf(handler, occasion, request, context);
    return outcome instanceof Promise
      ? outcome.then((known) => admitted(request, known))
      : admitted(request, outcome);
  }

  /** Both questions, for one request over HTTP. A door of another kind asks them in its own way. */
  protected outcomeOf(
    handler: GuardedHandler,
    occasion: Occasion,
    request: IncomingMessage,
    _context: ExecutionContext,
  ): Outcome | Promise<Outcome> {
    return this.gate.admit(handler, request, occasion);
  }
}

function admitted(request: IncomingMessage, outcome: Outcome): true {
  if (outcome instanceof Refusal) throw new RefusedException(outcome);
  if (outcome) setCaller(request, outcome);
  return true;
}
