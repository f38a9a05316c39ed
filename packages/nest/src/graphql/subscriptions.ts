import { Refusal } from '@portcullis/http';
import type { GraphQLWsSubscriptionsConfig } from '@nestjs/graphql';
import type { GraphQLFormattedError } from 'graphql';
import { callingOf, withCalling, type Calling } from './calling.ts';
import type { Entrance } from './entrance.ts';
import { GraphqlConnection, type Wire } from './graphql-connection.ts';
import type { GraphqlDoor } from './graphql-door.ts';
import { RefusedGraphqlError } from './refused.error.ts';

type OnConnect = NonNullable<GraphQLWsSubscriptionsConfig['onConnect']>;
type OnNext = NonNullable<GraphQLWsSubscriptionsConfig['onNext']>;
type WsContext = Parameters<OnConnect>[0];

/** Operations over WebSockets: authenticated when a connection is opened, decided again at each event and at each denial. */
export class Subscriptions {
  private readonly entrance: Entrance;
  private readonly door: GraphqlDoor;
  private readonly connections = new Map<object, GraphqlConnection>();
  private readonly deaf: () => void;

  constructor(entrance: Entrance, door: GraphqlDoor) {
    this.entrance = entrance;
    this.door = door;
    this.deaf = entrance.onRevocations(() => this.look());
  }

  /** Hears of no denial any more. */
  end(): void {
    this.deaf();
  }

  /** Who calls over this connection; undefined when it is none. */
  callingOver(wire: unknown): Calling | undefined {
    const connection = typeof wire === 'object' && wire !== null ? this.connections.get(wire) : undefined;
    return connection && { who: () => connection.who(), requestId: undefined };
  }

  /** The application's own hooks come after ours. */
  guarded(
    given: GraphQLWsSubscriptionsConfig & { readonly context?: unknown },
  ): GraphQLWsSubscriptionsConfig {
    const onConnect: OnConnect = async (connecting) =>
      (await this.open(connecting)) ? given.onConnect?.(connecting) : false;
    const onNext: OnNext = async (connected, id, payload, args, result) =>
      (await this.refused(connected, id, args.contextValue)) ??
      given.onNext?.(connected, id, payload, args, result);
    return { ...given, ...this.ownContext(given.context), onConnect, onNext };
  }

  /** A denied caller's connection closes without waiting for an event (rules of the house, 17). */
  private look(): void {
    for (const connection of this.connections.values()) void reconsider(connection);
  }

  private ownContext(given: unknown): object {
    if (given === undefined) return {};
    return {
      context: async (connected: WsContext, ...more: readonly unknown[]): Promise<object> =>
        withCalling(
          typeof given === 'function' ? await given(connected, ...more) : given,
          this.callingOver(connected.extra) ?? callingOf(undefined),
        ),
    };
  }

  private open({ extra, connectionParams }: WsContext): Promise<boolean> {
    const wire = extra as Wire;
    const connection = new GraphqlConnection(this.entrance, wire, connectionParams);
    this.connections.set(wire, connection);
    wire.socket.once('close', () => this.connections.delete(wire));
    return connection.open();
  }

  /** @returns what is sent in the event's place, which then is the last one */
  private async refused(
    { extra, subscriptions }: WsContext,
    id: string,
    contextValue: unknown,
  ): Promise<{ errors: readonly GraphQLFormattedError[] } | undefined> {
    const calling = callingOf(contextValue);
    const refusal = calling.subscribed && (await this.door.stillRefused(calling.subscribed, calling));
    if (refusal === undefined) return undefined;
    const subscription = subscriptions[id];
    if (subscription && 'return' in subscription) await subscription.return(undefined);
    if (refusal.status !== 403) this.connections.get(extra as Wire)?.close(refusal);
    return { errors: [new RefusedGraphqlError(refusal).toJSON()] };
  }
}

async function reconsider(connection: GraphqlConnection): Promise<void> {
  try {
    const who = await connection.who();
    if (who instanceof Refusal) connection.close(who);
  } catch {
    // What cannot be told now is asked again at the next event, which is not sent before it is known.
  }
}
