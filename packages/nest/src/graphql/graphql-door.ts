import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import { Refusal, setCaller, type Outcome } from '@portcullis/http';
import type { GraphQLResolveInfo } from 'graphql';
import type { ContextDoor } from '../context-door.ts';
import { Gate, type GuardedHandler } from '../gate.ts';
import { callingOf, type Calling } from './calling.ts';
import { RefusedGraphqlError } from './refused.error.ts';

/** Every resolver is decided by its own rule; who is calling was found out before the operation was parsed. */
@Injectable()
export class GraphqlDoor implements ContextDoor {
  readonly type = 'graphql';
  private readonly gate: Gate;

  constructor(@Inject(Gate) gate: Gate) {
    this.gate = gate;
  }

  canActivate(context: ExecutionContext, handler: GuardedHandler): boolean | Promise<boolean> {
    const graphql = GqlExecutionContext.create(context);
    const calling = callingOf(graphql.getContext());
    const info = graphql.getInfo<GraphQLResolveInfo>();
    const who = calling.who();
    return who instanceof Promise
      ? who.then((known) => this.admit(handler, known, calling, info))
      : this.admit(handler, who, calling, info);
  }

  /** Whether somebody who subscribed may still be told. */
  async stillRefused(handler: GuardedHandler, calling: Calling): Promise<Refusal | undefined> {
    const outcome = this.decide(handler, await calling.who(), calling, 'subscription');
    return outcome instanceof Refusal ? outcome : undefined;
  }

  private admit(handler: GuardedHandler, who: Outcome, calling: Calling, info: GraphQLResolveInfo): true {
    const { operation } = info.operation;
    const outcome = this.decide(handler, who, calling, operation);
    if (outcome instanceof Refusal) throw new RefusedGraphqlError(outcome);
    // Each field has an `info` of its own, so that a public one is told of nobody.
    if (outcome) setCaller(info, outcome);
    if (info.parentType === info.schema.getSubscriptionType()) calling.subscribed = handler;
    return true;
  }

  private decide(handler: GuardedHandler, who: Outcome, { requestId }: Calling, method: string): Outcome {
    return this.gate.decide(handler, who, { context: 'graphql', method, requestId });
  }
}
