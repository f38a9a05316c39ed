import type { IncomingMessage } from 'node:http';
import {
  BodyRefused,
  optionalRule,
  readJsonBody,
  Refusal,
  type Authenticator,
  type Outcome,
  type RequestHead,
} from '@portcullis/http';
import type { Gate, GuardedHandler } from '../gate.ts';

/** Where requests come in to one GraphQL path: the credential is judged once, before the body is parsed. */
export class Entrance {
  readonly path: string;
  private readonly gate: Gate;
  private readonly handler: GuardedHandler;
  private readonly judged = new WeakMap<IncomingMessage, Outcome>();

  constructor(gate: Gate, authenticator: Authenticator, path: string) {
    this.gate = gate;
    this.path = path;
    this.handler = { name: `GraphQL ${path}`, rule: optionalRule, authenticator };
  }

  /** @returns the refusal to send, if there is one; an anonymous request goes on, for each field to decide */
  enter(request: IncomingMessage, requestId?: string): Refusal | undefined | Promise<Refusal | undefined> {
    const outcome = this.judge(request, requestId);
    return outcome instanceof Promise
      ? outcome.then((known) => this.keep(request, known))
      : this.keep(request, outcome);
  }

  /** What a request came in with. */
  whoSent(request: IncomingMessage): Outcome | Promise<Outcome> {
    return this.judged.has(request) ? this.judged.get(request) : this.judge(request);
  }

  judge(head: RequestHead, requestId?: string): Outcome | Promise<Outcome> {
    const who = this.judgeAgain(head);
    return who instanceof Promise
      ? who.then((known) => this.reported(known, requestId))
      : this.reported(who, requestId);
  }

  /** What a credential is worth now, where it was judged and reported before. */
  judgeAgain(head: RequestHead): Outcome | Promise<Outcome> {
    return this.handler.authenticator.authenticate(head);
  }

  /** @returns what ends it */
  onRevocations(listener: () => void): () => void {
    return this.handler.authenticator.verifier.onRevocations(listener);
  }

  /** Tells of somebody who was turned away. */
  report(refusal: Refusal, requestId?: string): void {
    this.gate.decide(this.handler, refusal, { context: 'graphql', method: undefined, requestId });
  }

  /** Who is let in has done nothing yet: each resolver that is reached is told of by itself. */
  private reported(who: Outcome, requestId: string | undefined): Outcome {
    if (who instanceof Refusal) this.report(who, requestId);
    return who;
  }

  private keep(request: IncomingMessage, outcome: Outcome): Refusal | undefined {
    this.judged.set(request, outcome);
    return outcome instanceof Refusal ? outcome : undefined;
  }
}

/**
 * The body of a request whose application leaves bodies unread until somebody asks.
 *
 * @returns why it cannot be taken, if so
 */
export async function readBody(
  host: IncomingMessage | { body?: unknown },
  request: IncomingMessage,
): Promise<Refusal | undefined> {
  if (request.method !== 'POST' || ('body' in host && host.body !== undefined)) return undefined;
  try {
    Object.assign(host, { body: await readJsonBody(request) });
    return undefined;
  } catch (error) {
    if (error instanceof BodyRefused) return new Refusal(error.status, error.message, {}, {});
    throw error;
  }
}
