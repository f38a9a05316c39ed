import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { WsException } from '@nestjs/websockets';
import { Refusal, setCaller, type Outcome } from '@portcullis/http';
import { ContextDoors, type ContextDoor } from '../context-door.ts';
import { Gate, type GuardedHandler } from '../gate.ts';
import type { Connection } from './connection.ts';
import { Connections, OCCASION } from './connections.ts';
import { AUTHENTICATE } from './credential-message.ts';

/** Each message is decided by its handler's rule, with what its connection's caller may at that moment. */
@Injectable()
export class WsDoor implements ContextDoor {
  readonly type = 'ws';
  private readonly gate: Gate;
  private readonly connections: Connections;
  private readonly admitted = new WeakSet<ExecutionContext>();

  constructor(
    @Inject(Gate) gate: Gate,
    @Inject(ContextDoors) doors: ContextDoors,
    @Inject(Connections) connections: Connections,
  ) {
    this.gate = gate;
    this.connections = connections;
    doors.install(this);
  }

  async canActivate(context: ExecutionContext, handler: GuardedHandler): Promise<boolean> {
    if (this.admitted.has(context)) return true;
    const client = context.switchToWs().getClient<object>();
    const connection = this.connections.of(client);
    const isPublic = handler.rule?.access === 'public';
    const who = isPublic ? undefined : await this.callerOf(connection, handler);
    const outcome = this.gate.decide(handler, who, OCCASION);
    if (outcome instanceof Refusal) throw new WsException({ ...outcome.problem });
    if (outcome) setCaller(client, outcome);
    if (!isPublic) connection?.admitted.add(handler);
    this.admitted.add(context);
    return true;
  }

  private async callerOf(connection: Connection | undefined, handler: GuardedHandler): Promise<Outcome> {
    // No adapter of ours has let it in: nobody knows who it is.
    if (connection === undefined) return this.connections.unknown('nobody was asked who this is');
    if (connection.closed) return this.connections.unknown('this connection is being closed');
    if (!(await connection.judged())) {
      const tooMany = this.connections.unknown('too many messages wait for the credential to be judged');
      connection.refuse(tooMany);
      return tooMany;
    }
    const { standing } = connection;
    if (standing === undefined)
      return handler.rule?.access === 'optional'
        ? undefined
        : this.connections.unknown(`this needs an access token: send "${AUTHENTICATE}" first`);
    // Another verifier's handler: who this is was told by one that it does not ask.
    if (handler.authenticator !== this.connections.authenticator)
      return this.connections.unknown('the credential of this connection is not for this handler');
    const who = await standing.renewed();
    if (who instanceof Refusal) connection.refuse(who);
    return who;
  }
}
