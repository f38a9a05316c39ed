import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, Logger, type CanActivate, type ExecutionContext } from '@nestjs/common';
import {
  authorize,
  Refusal,
  setCaller,
  type AccessRule,
  type Authenticator,
  type CallerRule,
  type Outcome,
} from '@portcullis/http';
import { accessRuleOf, methodNameOf } from './access-metadata.ts';
import { AUTHENTICATOR } from './portcullis.options.ts';
import { rawRequest } from './raw-request.ts';
import { RefusedException } from './refused.exception.ts';

/** One guard for the whole application: who is calling (401), then may they (403). */
@Injectable()
export class PortcullisGuard implements CanActivate {
  private readonly log = new Logger('Portcullis');
  private readonly rules = new WeakMap<Function, Map<Function, AccessRule | undefined>>();
  private readonly authenticator: Authenticator;

  constructor(@Inject(AUTHENTICATOR) authenticator: Authenticator) {
    this.authenticator = authenticator;
  }

  /** At once when nothing has to be waited for: a promise for every request would be felt. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') throw new RefusedException(this.authenticator.refusals.noRule());
    const rule = this.ruleOf(context);
    if (rule === undefined) throw this.refused(context, this.authenticator.refusals.noRule());
    if (rule.access === 'public') return true;
    const request = rawRequest(context);
    const outcome = this.authenticator.authenticate(request);
    return outcome instanceof Promise
      ? outcome.then((known) => this.decide(context, rule, request, known))
      : this.decide(context, rule, request, outcome);
  }

  protected decide(
    context: ExecutionContext,
    rule: CallerRule,
    request: IncomingMessage,
    outcome: Outcome,
  ): boolean {
    if (outcome instanceof Refusal) throw this.refused(context, outcome);
    const refusal = authorize(rule, outcome, this.authenticator.refusals);
    if (refusal) throw this.refused(context, refusal);
    if (outcome) setCaller(request, outcome);
    return true;
  }

  protected refused(context: ExecutionContext, refusal: Refusal): RefusedException {
    const { status, problem, hint = '' } = refusal;
    const handler = `${context.getClass().name}.${context.getHandler().name}`;
    this.log.log(`refused ${handler}: ${status} ${problem.code ?? ''} ${problem.detail} ${hint}`.trimEnd());
    return new RefusedException(refusal);
  }

  private ruleOf(context: ExecutionContext): AccessRule | undefined {
    const controller = context.getClass();
    const handler = context.getHandler();
    const known = this.rules.get(controller) ?? new Map<Function, AccessRule | undefined>();
    if (!known.has(handler)) {
      const name = methodNameOf(controller, handler);
      known.set(handler, name === undefined ? undefined : accessRuleOf(controller, name));
      this.rules.set(controller, known);
    }
    return known.get(handler);
  }
}
