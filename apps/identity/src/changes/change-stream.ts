import { Inject, Injectable, type MessageEvent, type OnModuleDestroy } from '@nestjs/common';
import type { Caller } from '@portcullis/http';
import { Observable, Subject, takeUntil, type Subscriber } from 'rxjs';
import { ChangeLog, type LogPosition } from './change-log.ts';
import { ChangePages, type ChangePage } from './change-pages.ts';
import { MANAGEMENT_AUDIENCE } from './changes.tokens.ts';
import { ListeningApis } from './listening-api.ts';
import { writePosition } from './position-text.ts';

/** Milliseconds. Whoever hears nothing for several of them has lost the connection. */
const HEARTBEAT = 5000;

/** Node's timers count in 31 bits. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Open streams of changes, each for one API. */
@Injectable()
export class ChangeStreams implements OnModuleDestroy {
  private readonly changes: ChangeLog;
  private readonly pages: ChangePages;
  private readonly apis: ListeningApis;
  private readonly audience: string;
  private readonly closing = new Subject<void>();
  private closed = false;

  constructor(
    @Inject(ChangeLog) changes: ChangeLog,
    @Inject(ChangePages) pages: ChangePages,
    @Inject(ListeningApis) apis: ListeningApis,
    @Inject(MANAGEMENT_AUDIENCE) audience: string,
  ) {
    this.changes = changes;
    this.pages = pages;
    this.apis = apis;
    this.audience = audience;
  }

  /**
   * Begins with what came after `from`, or with a snapshot. Ends when the listener's token does, when the listener may
   * no longer, and when it cannot be told what changed: it then comes back.
   */
  open(listener: Caller, apiId: string, from: LogPosition | undefined): Observable<MessageEvent> {
    return new Observable<MessageEvent>((subscriber) => {
      if (this.closed) return subscriber.complete();
      const following = new Following(subscriber, from, {
        page: (known) => this.page(listener, apiId, known),
        denied: (page) => page.denials.some((one) => covers(one, listener)),
        position: () => this.changes.position(),
      });
      following.look();
      const deaf = this.changes.onNews(() => following.look());
      const heartbeat = setInterval(() => following.beat(), HEARTBEAT);
      const left = Math.min(listener.expiresAt * 1000 - Date.now(), LONGEST_TIMER);
      const end = setTimeout(() => subscriber.complete(), left);
      return () => {
        deaf();
        clearInterval(heartbeat);
        clearTimeout(end);
      };
    }).pipe(takeUntil(this.closing));
  }

  onModuleDestroy(): void {
    this.closed = true;
    this.closing.next();
  }

  private async page(
    listener: Caller,
    apiId: string,
    known: LogPosition | undefined,
  ): Promise<ChangePage | undefined> {
    if (!(await this.apis.stillMay(listener, 'read:changes', this.audience))) return undefined;
    const page = known && (await this.pages.after(apiId, known));
    return page ?? this.pages.snapshot(apiId);
  }
}

interface Log {
  /** Undefined for a listener who may no longer. */
  readonly page: (known: LogPosition | undefined) => Promise<ChangePage | undefined>;
  /** Whether what is told denies the listener itself. */
  readonly denied: (page: ChangePage) => boolean;
  readonly position: () => Promise<LogPosition>;
}

/** One listener and how far it was told; looks are one after the other, and one more for all that come meanwhile. */
class Following {
  readonly #subscriber: Subscriber<MessageEvent>;
  readonly #log: Log;
  #told: LogPosition | undefined;
  #looking = false;
  #again = false;

  constructor(subscriber: Subscriber<MessageEvent>, told: LogPosition | undefined, log: Log) {
    this.#subscriber = subscriber;
    this.#told = told;
    this.#log = log;
  }

  look(): void {
    this.#again = true;
    if (!this.#looking) void this.#lookUntilNothingIsNew();
  }

  /** Says that the line is good only where that is true: the log was asked, and there is nothing that was not told. */
  beat(): void {
    this.#log.position().then(
      (now) => {
        const told = this.#told;
        if (told?.number === now.number && told.incarnation === now.incarnation)
          this.#subscriber.next({ comment: 'heartbeat' });
        else this.look();
      },
      () => this.#subscriber.complete(),
    );
  }

  async #lookUntilNothingIsNew(): Promise<void> {
    this.#looking = true;
    try {
      while (this.#again && !this.#subscriber.closed) {
        this.#again = false;
        const page = await this.#log.page(this.#told);
        if (page === undefined) return this.#subscriber.complete();
        this.#tell(page);
        if (this.#log.denied(page)) return this.#subscriber.complete();
      }
    } catch {
      this.#subscriber.complete();
    } finally {
      this.#looking = false;
    }
  }

  #tell(page: ChangePage): void {
    const { incarnation, number, snapshot, touches, denials } = page;
    this.#told = { incarnation, number };
    if (!snapshot && touches.length + denials.length === 0) return;
    this.#subscriber.next({ type: 'changes', id: writePosition(page), data: page });
  }
}

function covers(
  { by, value, issuedUntil }: ChangePage['denials'][number],
  { client, claims }: Caller,
): boolean {
  const { jti, iat } = claims;
  const named = (by === 'client' && value === client) || (by === 'token' && value === jti);
  return named && (issuedUntil === null || typeof iat !== 'number' || iat <= issuedUntil);
}
