import { decide, Refusal } from '@portcullis/http';
import type { GraphQLWsSubscriptionsConfig } from '@nestjs/graphql';
import type { GraphQLFormattedError } from 'graphql';
import type { CallerNews, NewsOf } from '../websockets/caller-news.ts';
import { callingOf, withCalling, type Calling } from './calling.ts';
import type { Entrance } from './entrance.ts';
import { GraphqlConnection, type Wire } from './graphql-connection.ts';
import type { GraphqlDoor } from './graphql-door.ts';
import { RefusedGraphqlError } from './refused.error.ts';

type OnConnect = NonNullable<GraphQLWsSubscriptionsConfig['onConnect']>;
type OnNext = NonNullable<GraphQLWsSubscriptionsConfig['onNext']>;
type WsContext = Parameters<OnConnect>[0];

/** A subscription that goes on until its identifier is no longer among those of its connection. */
interface Going {
  readonly connected: WsContext;
  readonly id: string;
  readonly calling: Calling;
}

/**
 * Operations over WebSockets: authenticated when a connection is opened, decided again at each event, at each denial and
 * at each change of permissions.
 */
export class Subscriptions {
  private readonly entrance: Entrance;
  private readonly door: GraphqlDoor;
  private readonly connections = new Map<object, GraphqlConnection>();
  private readonly going = new Map<object, Set<Going>>();
  private readonly deaf: readonly (() => void)[];

  constructor(entrance: Entrance, door: GraphqlDoor, news: readonly CallerNews[] = []) {
    this.entrance = entrance;
    this.door = door;
    this.deaf = [
      entrance.onRevocations(() => this.look()),
      ...news.map((one) => one.onNews((who) => this.reconsider(who))),
    ];
  }

  /** Hears of no denial and no change any more. */
  end(): void {
    for (const end of this.deaf) end();
  }

  /** Who calls by this operation of a connection; undefined when it is none. */
  callingOver(connected: object, id: unknown): Calling | undefined {
    const wire = 'extra' in connected ? connected.extra : undefined;
    if (typeof wire !== 'object' || wire === null) return undefined;
    const connection = this.connections.get(wire);
    if (connection === undefined) return undefined;
    const calling: Calling = { who: () => connection.who(), requestId: undefined };
    if (typeof id === 'string') this.follow(wire, { connected: connected as WsContext, id, calling });
    return calling;
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

  /** Ends what somebody subscribed to and may no longer, without waiting for an event. */
  private reconsider(news: NewsOf | undefined): void {
    for (const ofOne of this.going.values()) for (const one of ofOne) void this.decideAnew(one, news);
  }

  /** Operations that are over are forgotten with the next one, or with the connection. */
  private follow(wire: object, going: Going): void {
    const ofOne = [...(this.going.get(wire) ?? [])].filter(
      ({ id, connected }) => id in connected.subscriptions,
    );
    this.going.set(wire, new Set([...ofOne, going]));
  }

  private async decideAnew({ connected, id, calling }: Going, news: NewsOf | undefined): Promise<void> {
    const { subscribed } = calling;
    if (subscribed === undefined || !(id in connected.subscriptions)) return;
    try {
      const who = await calling.who();
      const isAbout = news === undefined || who === undefined || who instanceof Refusal || isOf(news, who);
      if (!isAbout) return;
      if (!(decide(subscribed.rule, who, subscribed.authenticator.refusals) instanceof Refusal)) return;
      const payload = await this.ended(connected, calling);
      if (payload === undefined || !(id in connected.subscriptions)) return;
      const { socket } = connected.extra as Wire;
      for (const last of [
        { id, type: 'next', payload },
        { id, type: 'complete' },
      ])
        socket.send(JSON.stringify(last));
      const subscription = connected.subscriptions[id];
      delete connected.subscriptions[id];
      // A generator that waits for its next event ends with that, and what it brings is refused.
      await stop(subscription);
    } catch {
      // What cannot be told now is asked again at the next event, which is not sent before it is known.
    }
  }

  private ownContext(given: unknown): object {
    if (given === undefined) return {};
    return {
      context: async (connected: WsContext, ...more: readonly unknown[]): Promise<object> =>
        withCalling(
          typeof given === 'function' ? await given(connected, ...more) : given,
          this.callingOver(connected, more[0]) ?? callingOf(undefined),
        ),
    };
  }

  private open({ extra, connectionParams }: WsContext): Promise<boolean> {
    const wire = extra as Wire;
    const connection = new GraphqlConnection(this.entrance, wire, connectionParams);
    this.connections.set(wire, connection);
    wire.socket.once('close', () => {
      this.connections.delete(wire);
      this.going.delete(wire);
    });
    return connection.open();
  }

  /** @returns what is sent in the event's place, which then is the last one */
  private async refused(
    connected: WsContext,
    id: string,
    contextValue: unknown,
  ): Promise<{ errors: readonly GraphQLFormattedError[] } | undefined> {
    const last = await this.ended(connected, callingOf(contextValue));
    if (last) await stop(connected.subscriptions[id]);
    return last;
  }

  /** @returns what is to be sent as the last of a subscription; undefined for one that may go on */
  private async ended(
    { extra }: WsContext,
    calling: Calling,
  ): Promise<{ errors: readonly GraphQLFormattedError[] } | undefined> {
    const refusal = calling.subscribed && (await this.door.stillRefused(calling.subscribed, calling));
    if (refusal === undefined) return undefined;
    if (refusal.status !== 403) this.connections.get(extra as Wire)?.close(refusal);
    return { errors: [new RefusedGraphqlError(refusal).toJSON()] };
  }
}

function isOf({ issuer, subject }: NewsOf, who: NewsOf): boolean {
  return issuer === who.issuer && subject === who.subject;
}

async function stop(subscription: WsContext['subscriptions'][string] | undefined): Promise<void> {
  if (subscription && 'return' in subscription) await subscription.return(undefined);
}

async function reconsider(connection: GraphqlConnection): Promise<void> {
  try {
    const who = await connection.who();
    if (who instanceof Refusal) connection.close(who);
  } catch {
    // What cannot be told now is asked again at the next event, which is not sent before it is known.
  }
}
