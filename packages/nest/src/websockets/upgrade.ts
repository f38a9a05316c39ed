import type { IncomingMessage } from 'node:http';
import { Refusal, type Standing } from '@portcullis/http';
import { FOREIGN_PAGE, LONGEST_MESSAGE, written } from '../refused-upgrade.ts';
import type { Connections } from './connections.ts';

/** `verifyClient` of the `ws` package, in the form that may take its time. */
type VerifyClient = (
  info: { readonly req: IncomingMessage; readonly origin: string; readonly secure: boolean },
  done: (pass: boolean, status?: number, body?: string, headers?: Record<string, string>) => void,
) => void;

/** `allowRequest` of socket.io. */
type AllowRequest = (
  request: IncomingMessage,
  done: (error: string | null | undefined, pass: boolean) => void,
) => void;

/** Judges requests to open a connection: first the page they come from, then the credential they carry, if any. */
export class Upgrades {
  readonly #connections: Connections;
  readonly #judged = new WeakMap<IncomingMessage, Promise<Standing | Refusal | undefined>>();
  readonly #passed = new WeakMap<IncomingMessage, Standing>();

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** A gateway's own options with ours before them; each platform heeds its own. */
  options(own: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return {
      maxPayload: LONGEST_MESSAGE,
      // Of socket.io: until a client has joined a namespace, for which it needs its credential.
      connectTimeout: this.#connections.settings.authenticationTimeout,
      ...own,
      verifyClient: this.#verifyClient(own['verifyClient']),
      allowRequest: this.#allowRequest(own['allowRequest']),
    };
  }

  /** Who the request's own header says it is; asked once, since a proof is good for once. */
  async judge(request: IncomingMessage): Promise<Standing | Refusal | undefined> {
    const judged = this.#judged.get(request) ?? this.#connections.attend(request);
    this.#judged.set(request, judged);
    const known = await judged;
    if (known !== undefined && !(known instanceof Refusal)) this.#passed.set(request, known);
    return known;
  }

  /** Who that was. */
  passed(request: IncomingMessage): Standing | undefined {
    return this.#passed.get(request);
  }

  #verifyClient(own: unknown): VerifyClient {
    return (info, done) => {
      const { req } = info;
      const refused = (refusal: Refusal): void => {
        this.#connections.report(refusal);
        done(false, ...written(refusal));
      };
      if (!this.#mayCome(req)) return refused(FOREIGN_PAGE);
      const pass = (): void => {
        if (typeof own !== 'function') done(true);
        else if (own.length === 2) own(info, done);
        else done(Boolean(own(info)));
      };
      void this.judge(req).then((known) => {
        if (known instanceof Refusal) refused(known);
        else pass();
      });
    };
  }

  #allowRequest(own: unknown): AllowRequest {
    return (request, done) => {
      if (!this.#mayCome(request)) {
        this.#connections.report(FOREIGN_PAGE);
        done(FOREIGN_PAGE.problem.detail, false);
      } else if (typeof own === 'function') own(request, done);
      else done(null, true);
    };
  }

  /** RFC 6455 10.2. Who sends no Origin is no browser. */
  #mayCome({ headers }: IncomingMessage): boolean {
    return headers.origin === undefined || this.#connections.settings.origins.has(headers.origin);
  }
}
