import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import {
  decide,
  optionalRule,
  Refusal,
  setCaller,
  type Authenticator,
  type Caller,
  type RequestHead,
  type Standing,
} from '@portcullis/http';
import { Gate, type GuardedHandler } from '../gate.ts';
import { AUTHENTICATOR } from '../portcullis.options.ts';
import type { NewsOf } from './caller-news.ts';
import { Connection } from './connection.ts';
import { AUTHENTICATE, credentialHead } from './credential-message.ts';
import { WEBSOCKETS_SETTINGS, type WebSocketsSettings } from './websockets.options.ts';

/** Milliseconds between two looks at every connection: one timer for all of them. */
const LOOK_EVERY = 1000;

/** Of a message, for whoever is told of the decision. */
export const OCCASION = { context: 'ws', method: undefined, requestId: undefined } as const;

/** Every open connection; closes those whose time is up, whose credential no longer holds, or who may no longer. */
@Injectable()
export class Connections implements OnModuleDestroy {
  readonly settings: WebSocketsSettings;
  readonly authenticator: Authenticator;
  private readonly gate: Gate;
  /** To be let in at all, for whoever is told of the decision. */
  private readonly entrance: GuardedHandler;
  private readonly log = new Logger('Portcullis');
  private readonly open = new Map<object, Connection>();
  private readonly deaf: readonly (() => void)[];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(WEBSOCKETS_SETTINGS) settings: WebSocketsSettings,
    @Inject(AUTHENTICATOR) authenticator: Authenticator,
    @Inject(Gate) gate: Gate,
  ) {
    this.settings = settings;
    this.authenticator = authenticator;
    this.gate = gate;
    this.entrance = { name: 'WebSocket connection', rule: optionalRule, authenticator };
    this.deaf = [
      authenticator.verifier.onRevocations(() => this.look()),
      ...settings.news.map((news) => news.onNews((who) => this.reconsider(who))),
    ];
  }

  get size(): number {
    return this.open.size;
  }

  of(client: object): Connection | undefined {
    return this.open.get(client);
  }

  enter(parts: Pick<Connection, 'client' | 'wire' | 'remoteAddress' | 'standing'>): Connection {
    const deadline = performance.now() + this.settings.authenticationTimeout;
    const connection = new Connection({ ...parts, deadline });
    this.open.set(parts.client, connection);
    this.timer ??= setInterval(() => this.look(), LOOK_EVERY).unref();
    return connection;
  }

  leave(client: object): void {
    this.open.get(client)?.leave();
    this.open.delete(client);
    if (this.open.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  onModuleDestroy(): void {
    for (const stop of this.deaf) stop();
    clearInterval(this.timer);
  }

  /** The credential of an upgrade, a handshake or a message, if it carries one. */
  async attend(head: RequestHead): Promise<Standing | Refusal | undefined> {
    try {
      return await this.authenticator.attend(head);
    } catch (error) {
      return this.failed(error);
    }
  }

  /** A credential that came in a message. One that is wrong closes the connection, and leaves nobody in doubt why. */
  async authenticate(connection: Connection, data: unknown): Promise<Standing | undefined> {
    const { refusals } = this.authenticator;
    if (connection.judging) {
      this.refuse(connection, refusals.malformedRequest('a credential is being judged already: send one'));
      return undefined;
    }
    try {
      await connection.judgeWith(() => this.identify(connection, data));
      if (!connection.closed) await this.decideAnew(connection);
    } catch (error) {
      this.fail(connection, error);
    }
    return connection.closed ? undefined : connection.standing;
  }

  refuse(connection: Connection, refusal: Refusal): void {
    if (connection.closed) return;
    this.report(refusal, connection.standing?.caller);
    connection.refuse(refusal);
  }

  /** Tells of a connection that was refused, or closed for that. */
  report(refusal: Refusal, caller?: Caller): void {
    this.gate.refused(this.entrance, refusal, caller, OCCASION);
  }

  /** What cannot be decided is not left open. */
  private fail(connection: Connection, error: unknown): void {
    this.refuse(connection, this.failed(error));
  }

  private failed(error: unknown): Refusal {
    this.log.error(error);
    return new Refusal(500, 'something went wrong on our side; it has been logged', {}, {});
  }

  /** Nobody said who they are, or not in time. */
  unknown(detail: string): Refusal {
    const { headers } = this.authenticator.refusals.noCredential();
    return new Refusal(401, detail, headers, { code: 'ERR_NO_CREDENTIAL' });
  }

  /** Who a token says it is that came in a message or a handshake. */
  async judged(data: unknown, remoteAddress: string | undefined): Promise<Standing | Refusal> {
    const head = credentialHead(data, remoteAddress, this.authenticator.refusals);
    if (head instanceof Refusal) return head;
    return (await this.attend(head)) ?? this.unknown(`no credential came: send "${AUTHENTICATE}"`);
  }

  private async identify(connection: Connection, data: unknown): Promise<void> {
    const known = await this.judged(data, connection.remoteAddress);
    if (connection.closed) return;
    if (known instanceof Refusal) return this.refuse(connection, known);
    const before = connection.standing?.caller;
    const { issuer, subject } = known.caller;
    if (before === undefined || (before.issuer === issuer && before.subject === subject))
      connection.standing = known;
    else
      this.refuse(
        connection,
        this.authenticator.refusals.malformedRequest(
          'this connection belongs to somebody else: open another',
        ),
      );
  }

  /** What time and revocations change. */
  private look(): void {
    const now = performance.now();
    for (const connection of this.open.values()) {
      const { standing } = connection;
      if (standing !== undefined) this.askAgain(connection, standing);
      else if (!this.settings.anonymous && now > connection.deadline)
        this.refuse(connection, this.unknown(`no credential came in time: send "${AUTHENTICATE}" first`));
    }
  }

  private askAgain(connection: Connection, standing: Standing): void {
    const refusal = standing.refusal();
    if (refusal instanceof Refusal) return this.refuse(connection, refusal);
    refusal?.then(
      (known) => {
        if (known && connection.standing === standing) this.refuse(connection, known);
      },
      (error: unknown) => this.fail(connection, error),
    );
  }

  private reconsider(who: NewsOf | undefined): void {
    for (const connection of this.open.values()) {
      const caller = connection.standing?.caller;
      if (caller === undefined) continue;
      if (who === undefined || (who.issuer === caller.issuer && who.subject === caller.subject))
        this.decideAnew(connection).catch((error: unknown) => this.fail(connection, error));
    }
  }

  /** Closes a connection that holds on to what it may no longer. */
  private async decideAnew(connection: Connection): Promise<void> {
    const { standing } = connection;
    const who = await standing?.renewed();
    if (connection.closed || connection.standing !== standing) return;
    if (who instanceof Refusal) return this.refuse(connection, who);
    if (who !== undefined) setCaller(connection.client, who);
    const { refusals } = this.authenticator;
    for (const handler of connection.admitted) {
      if (!(decide(handler.rule, who, refusals) instanceof Refusal)) continue;
      const refusal = this.gate.decide(handler, who, OCCASION);
      if (refusal instanceof Refusal) return connection.refuse(refusal);
    }
  }
}
