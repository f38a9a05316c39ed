import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { Refusal, setCaller, type Outcome } from '@portcullis/http';
import { ContextDoors, type ContextDoor } from '../context-door.ts';
import { Gate, type GuardedHandler } from '../gate.ts';
import { messageHead } from './message-head.ts';

const OCCASION = { context: 'rpc', method: undefined, requestId: undefined } as const;

/** Each message carries its own credential and is decided like a request. */
@Injectable()
export class RpcDoor implements ContextDoor {
  readonly type = 'rpc';
  private readonly gate: Gate;
  private readonly admitted = new WeakSet<ExecutionContext>();

  constructor(@Inject(Gate) gate: Gate, @Inject(ContextDoors) doors: ContextDoors) {
    this.gate = gate;
    doors.install(this);
  }

  async canActivate(context: ExecutionContext, handler: GuardedHandler): Promise<boolean> {
    if (this.admitted.has(context)) return true;
    const message = context.switchToRpc().getContext<unknown>();
    const outcome = await this.decide(message, handler);
    if (outcome instanceof Refusal) throw new RpcException({ ...outcome.problem });
    if (outcome && typeof message === 'object' && message !== null) setCaller(message, outcome);
    this.admitted.add(context);
    return true;
  }

  private decide(message: unknown, handler: GuardedHandler): Outcome | Promise<Outcome> {
    const head = messageHead(message);
    if (head !== undefined) return this.gate.admit(handler, head, OCCASION);
    const { refusals } = handler.authenticator;
    return this.gate.decide(
      handler,
      refusals.malformedRequest('"authorization" in the metadata is no text: send "Bearer <token>"'),
      OCCASION,
    );
  }
}
