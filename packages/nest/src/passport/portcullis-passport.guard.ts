import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, type ExecutionContext, type OnApplicationBootstrap } from '@nestjs/common';
import { Refusal, type Caller, type Outcome } from '@portcullis/http';
import { methodNameOf } from '../access-metadata.ts';
import { ContextDoors } from '../context-door.ts';
import { Gate, type GuardedHandler, type Occasion } from '../gate.ts';
import { PortcullisGuard } from '../portcullis.guard.ts';
import { RouteAudit } from '../route-audit.ts';
import { furtherStrategiesOf } from './further-strategies.decorator.ts';
import { outcomeOfPassport, registeredStrategies } from './outcome-of-passport.ts';
import { PortcullisStrategy } from './portcullis.strategy.ts';

/**
 * The Passport door: one guard that authenticates through Passport and authorizes by the rule of the route. It answers
 * as the guard door does, on Express and on Fastify; `request.user` is the Caller.
 *
 * ```ts
 * PortcullisModule.forRoot({ issuer, audience, door: PortcullisPassportGuard })
 * ```
 *
 * Our strategy is asked first, then those of @FurtherStrategies, by their names in the `passport` of this process.
 */
@Injectable()
export class PortcullisPassportGuard extends PortcullisGuard implements OnApplicationBootstrap {
  private readonly ways = new WeakMap<GuardedHandler, Way>();
  private readonly audit: RouteAudit;

  constructor(
    @Inject(Gate) gate: Gate,
    @Inject(ContextDoors) doors: ContextDoors,
    @Inject(RouteAudit) audit: RouteAudit,
  ) {
    super(gate, doors);
    this.audit = audit;
  }

  /**
   * Once every provider is made, and with it the strategies that are some.
   *
   * @throws TypeError naming the handlers whose further strategies nobody has registered, and those that somebody has
   */
  onApplicationBootstrap(): void {
    const known = registeredStrategies();
    const wrong = this.audit.routes
      .filter(({ context }) => context === 'http')
      .flatMap(({ type, controller, handler }) =>
        furtherStrategiesOf(type, handler)
          .filter((name) => !known.includes(name))
          .map((name) => `  ${controller}.${handler}: "${name}"`),
      );
    if (wrong.length > 0)
      throw new TypeError(
        [
          'These handlers ask strategies that Passport does not know:',
          ...new Set(wrong),
          `It knows ${known.map((name) => `"${name}"`).join(', ')}. Put the strategy among the providers of a module, or call passport.use before the application starts.`,
        ].join('\n'),
      );
  }

  protected override outcomeOf(
    handler: GuardedHandler,
    occasion: Occasion,
    request: IncomingMessage,
    context: ExecutionContext,
  ): Outcome | Promise<Outcome> {
    const { rule } = handler;
    if (rule === undefined || rule.access === 'public') return this.gate.decide(handler, undefined, occasion);
    const { strategy, further } = this.wayOf(handler, context);
    const conclude = (who: Outcome): Outcome | Promise<Outcome> =>
      who === undefined && further.length > 0
        ? this.outcomeOfFurther(further, handler, occasion, request, context)
        : this.decided(who, handler, occasion, context);
    // A strategy of its own for each request: Passport writes its actions into it.
    const ours = outcomeOfPassport(Object.create(strategy) as PortcullisStrategy, context);
    return ours instanceof Promise ? ours.then(conclude) : conclude(ours);
  }

  private async outcomeOfFurther(
    strategies: readonly string[],
    handler: GuardedHandler,
    occasion: Occasion,
    request: IncomingMessage,
    context: ExecutionContext,
  ): Promise<Outcome> {
    const who = await outcomeOfPassport([...strategies], context);
    return this.decided(who ?? nobody(handler, request), handler, occasion, context);
  }

  private decided(
    who: Outcome,
    handler: GuardedHandler,
    occasion: Occasion,
    context: ExecutionContext,
  ): Outcome {
    // Judged by the handler's own verifier, or by the strategies that it names itself.
    const outcome = this.gate.decide(handler, who, occasion, handler.authenticator);
    if (outcome !== undefined && !(outcome instanceof Refusal)) {
      const request: { user?: Caller } = context.switchToHttp().getRequest();
      request.user = outcome;
    }
    return outcome;
  }

  private wayOf(handler: GuardedHandler, context: ExecutionContext): Way {
    const known = this.ways.get(handler);
    if (known !== undefined) return known;
    const controller = context.getClass();
    const method = methodNameOf(controller, context.getHandler());
    const way = {
      strategy: new PortcullisStrategy(handler.authenticator),
      further: method === undefined ? [] : furtherStrategiesOf(controller, method),
    };
    this.ways.set(handler, way);
    return way;
  }
}

/** Whom a handler asks who is calling. */
interface Way {
  readonly strategy: PortcullisStrategy;
  readonly further: readonly string[];
}

/** An Authorization header that no strategy took is a bad credential, which is never silently anonymous. */
function nobody({ authenticator }: GuardedHandler, { headers }: IncomingMessage): Outcome {
  const { authorization } = headers;
  return authorization === undefined ? undefined : authenticator.refusals.noCredential();
}
