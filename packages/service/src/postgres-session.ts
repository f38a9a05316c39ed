import { setImmediate as nextTurn, setTimeout as after } from 'node:timers/promises';
import { Client, escapeIdentifier, type ClientConfig } from 'pg';

/** Milliseconds between two looks at whether the server still answers, and how long an answer may take. */
const LOOK_EVERY = 300;
const ANSWER_WITHIN = 1200;
const RECONNECT_AFTER = 250;

export interface PostgresSessionEvents {
  readonly onLost: (reason: unknown) => void;
  /** Whoever waits for the server waits for nothing. Again at every attempt that gets no answer. */
  readonly onSilence: () => void;
  readonly onBack: () => void;
}

/** The server is there, as its sockets say, and does not answer. */
export class ServerSilent extends Error {}

/**
 * A session of its own beside the pool, always open: it hears notifications, which a pooled connection would
 * miss, and it is the one that notices a server that is there and says nothing.
 */
export class PostgresSession {
  readonly #config: ClientConfig;
  readonly #events: PostgresSessionEvents;
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #closing = new AbortController();
  #client: Client | undefined;
  #lost: unknown;
  #over: Promise<void> | undefined;

  constructor(config: ClientConfig, events: PostgresSessionEvents) {
    this.#config = config;
    this.#events = events;
  }

  /** Whether asking the server anything is waiting for nothing. */
  get silent(): boolean {
    return this.#lost instanceof ServerSilent;
  }

  start(): void {
    this.#over = this.#keepOpen();
  }

  listen(channel: string, listener: () => void): () => void {
    const call = (): void => listener();
    const onChannel = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, onChannel.add(call));
    // Without a connection, connecting does it; a connection that fails here is being replaced.
    void this.#client?.query(`LISTEN ${escapeIdentifier(channel)}`).then(call, () => undefined);
    return () => void onChannel.delete(call);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#over;
  }

  async #keepOpen(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const client = new Client(this.#config);
      const ended = new AbortController();
      client.on('error', () => ended.abort()).on('end', () => ended.abort());
      try {
        await this.#open(client);
        while (!signal.aborted) {
          await pause(LOOK_EVERY, AbortSignal.any([signal, ended.signal]));
          await answered(client.query('SELECT 1'));
        }
      } catch (error) {
        const first = this.#lost === undefined;
        this.#lost = error;
        if (first) this.#events.onLost(error);
        if (this.silent) this.#events.onSilence();
      }
      this.#client = undefined;
      client.connection.stream.destroy();
      await pause(RECONNECT_AFTER, signal);
    }
  }

  async #open(client: Client): Promise<void> {
    client.on('notification', ({ channel }) => this.#call(channel));
    await answered(client.connect());
    for (const channel of this.#listeners.keys())
      await answered(client.query(`LISTEN ${escapeIdentifier(channel)}`));
    this.#client = client;
    if (this.#lost !== undefined) this.#events.onBack();
    this.#lost = undefined;
    for (const channel of this.#listeners.keys()) this.#call(channel);
  }

  #call(channel: string): void {
    for (const listener of this.#listeners.get(channel) ?? []) listener();
  }
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  after(milliseconds, undefined, { signal }).catch(() => undefined);

async function answered(query: Promise<unknown>): Promise<void> {
  const giveUp = new AbortController();
  let here = false;
  const answer = query.then(() => void (here = true)).finally(() => giveUp.abort());
  const limit = after(ANSWER_WITHIN, undefined, { signal: giveUp.signal }).catch(() => undefined);
  await Promise.race([answer, limit]);
  // This process may have been the slow one: the answer is read after the timer that is due.
  if (!here) await Promise.race([answer, nextTurn().then(() => nextTurn())]);
  answer.catch(() => undefined);
  if (!here) throw new ServerSilent(`Connection terminated: no answer within ${ANSWER_WITHIN} ms`);
}
