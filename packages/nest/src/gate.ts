import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import {
  admit,
  decide,
  Refusal,
  type AccessRule,
  type Authenticator,
  type Caller,
  type Decided,
  type Outcome,
  type RequestHead,
} from '@portcullis/http';
import type { AccessEvent, AccessObserver } from './access-event.ts';
import { accessRuleOf, methodNameOf } from './access-metadata.ts';
import { AttendedAuthenticator } from './attended-authenticator.ts';
import { isEventStream } from './event-stream.ts';
import { originalOf } from './original-handler.ts';
import { AUTHENTICATOR, NAMED_AUTHENTICATORS } from './portcullis.options.ts';
import { RefusalLog } from './refusal-log.ts';
import { verifierOf } from './verifier-metadata.ts';

/** A handler as the gate knows it. */
export interface GuardedHandler {
  /** Such as `ItemsController.create`. */
  readonly name: string;
  /** Undefined when nothing declares one: then nobody may. */
  readonly rule: AccessRule | undefined;
  /** Which issuers' tokens it takes. */
  readonly authenticator: Authenticator;
}

/** What is known of a request beside its head, for whoever is told of the decision. */
export type Occasion = Pick<AccessEvent, 'context' | 'method' | 'requestId'>;

/** Where every door and every context of Nest asks: who is calling (401), then may they (403). */
@Injectable()
export class Gate implements OnModuleDestroy {
  private readonly log = new Logger('Portcullis');
  private readonly refusals = new RefusalLog();
  private readonly handlers = new WeakMap<Function, Map<Function, GuardedHandler>>();
  private readonly warned = new Set<string>();
  private readonly observers: AccessObserver[] = [];
  private readonly authenticator: Authenticator;
  private readonly named: ReadonlyMap<string, Authenticator>;

  constructor(
    @Inject(AUTHENTICATOR) authenticator: Authenticator,
    @Inject(NAMED_AUTHENTICATORS) named: ReadonlyMap<string, Authenticator> = new Map(),
  ) {
    this.authenticator = authenticator;
    this.named = named;
  }

  /** @param controller the class, as Nest's execution context has it */
  handlerOf(controller: Function, handler: Function): GuardedHandler {
    return this.handlers.get(controller)?.get(handler) ?? this.remembered(controller, handler);
  }

  private remembered(controller: Function, handler: Function): GuardedHandler {
    const original = originalOf(handler);
    // Not kept by the wrapper: a controller of a request's own may have another each time.
    if (original !== handler) return this.handlerOf(controller, original);
    const method = methodNameOf(controller, handler);
    if (method === undefined) return this.untraceable(controller, handler);
    const known = this.handlers.get(controller) ?? new Map<Function, GuardedHandler>();
    const found = this.read(controller, method, handler);
    this.handlers.set(controller, known.set(handler, found));
    return found;
  }

  private untraceable(controller: Function, handler: Function): GuardedHandler {
    const name = `${controller.name}.${handler.name}`;
    if (!this.warned.has(name))
      this.log.warn(
        `${name} is no method of ${controller.name}, so that nobody may call it: something has replaced it, such as a bind in the constructor`,
      );
    this.warned.add(name);
    return { name, rule: undefined, authenticator: this.authenticator };
  }

  /** Both questions, for a request that carries its own credential. */
  admit(handler: GuardedHandler, head: RequestHead, occasion: Occasion): Outcome | Promise<Outcome> {
    return admit(handler.authenticator, handler.rule, head, this.reporter(handler, occasion));
  }

  /**
   * The second question alone, where the credential was judged before.
   *
   * @param judge who judged it; default the module's own authenticator. A caller whom another than the handler's has
   *   vouched for is nobody here.
   */
  decide(handler: GuardedHandler, who: Outcome, occasion: Occasion, judge = this.authenticator): Outcome {
    const { rule, authenticator } = handler;
    const stranger = who !== undefined && judge !== authenticator;
    const known = stranger ? authenticator.refusals.noCredential() : who;
    return decide(rule, known, authenticator.refusals, this.reporter(handler, occasion));
  }

  /** Tells of what was refused before anything asked here, such as a connection. */
  refused(handler: GuardedHandler, refusal: Refusal, caller: Caller | undefined, occasion: Occasion): void {
    this.reporter(handler, occasion)(caller, refusal);
  }

  /** Has an observer told of every decision from now on. */
  observe(observer: AccessObserver): void {
    this.observers.push(observer);
  }

  onModuleDestroy(): void {
    this.refusals.close();
  }

  private reporter({ name, rule }: GuardedHandler, occasion: Occasion): Decided {
    return (who, refusal) => {
      if (refusal) this.refusals.write(name, refusal);
      if (this.observers.length === 0) return;
      const caller = who instanceof Refusal ? undefined : who;
      const event = Object.freeze({ ...occasion, handler: name, rule, caller, refusal });
      for (const observer of this.observers) tell(observer, event);
    };
  }

  private read(controller: Function, method: string, handler: Function): GuardedHandler {
    const authenticator = this.authenticatorOf(controller, method);
    return {
      name: `${controller.name}.${method}`,
      rule: accessRuleOf(controller, method),
      authenticator: isEventStream(handler) ? new AttendedAuthenticator(authenticator) : authenticator,
    };
  }

  private authenticatorOf(controller: Function, method: string): Authenticator {
    const verifier = verifierOf(controller, method);
    if (verifier === undefined) return this.authenticator;
    const named = this.named.get(verifier.name);
    if (named === undefined) throw new TypeError(`no verifier is named "${verifier.name}"`);
    return named;
  }
}

function tell(observer: AccessObserver, event: AccessEvent): void {
  try {
    const told: unknown = observer.decided(event);
    if (told instanceof Promise) told.catch(warn); // else it would end the process
  } catch (error) {
    warn(error);
  }
}

/** Not everything that can be thrown can be made a text of. */
function warn(thrown: unknown): void {
  process.emitWarning('an access observer threw; the decision stands', {
    code: 'PORTCULLIS_OBSERVER',
    detail: thrown instanceof Error ? thrown.message : `a value of type ${typeof thrown}`,
  });
}
