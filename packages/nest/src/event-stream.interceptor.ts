import type { IncomingMessage } from 'node:http';
import {
  Inject,
  Injectable,
  Logger,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { callerOf, decide, Refusal, type Outcome } from '@portcullis/http';
import { concatMap, filter, map, merge, Observable, takeUntil, takeWhile, timer } from 'rxjs';
import { standingOf } from './attended-authenticator.ts';
import { Gate, type GuardedHandler, type Occasion } from './gate.ts';
import { rawRequest } from './raw-request.ts';
import { requestIdOf } from './request-id.ts';

/**
 * Ends a stream of server-sent events with what let it in: when the credential expires or is revoked, and before the next
 * event when a permission was withdrawn (rules of the house, 17). The client asks again and is told why by its answer.
 */
@Injectable()
export class EventStreamInterceptor implements NestInterceptor {
  private readonly gate: Gate;
  private readonly log = new Logger('Portcullis');

  constructor(@Inject(Gate) gate: Gate) {
    this.gate = gate;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = rawRequest(context);
    const caller = callerOf(request);
    if (caller === undefined) return next.handle();
    const handler = this.gate.handlerOf(context.getClass(), context.getHandler());
    const requestId = requestIdOf(context.switchToHttp().getRequest());
    const occasion = { context: 'http' as const, method: request.method, requestId };
    const mayGoOn = (): Promise<boolean> => this.mayGoOn(handler, request, occasion);
    const doubts = merge(fromExpiry(caller.expiresAt), revocations(handler));
    return next.handle().pipe(
      concatMap(async (event: unknown) => ({ event, goesOn: await mayGoOn() })),
      takeWhile(({ goesOn }) => goesOn),
      map(({ event }) => event),
      takeUntil(
        doubts.pipe(
          concatMap(mayGoOn),
          filter((goesOn) => !goesOn),
        ),
      ),
    );
  }

  private async mayGoOn(
    handler: GuardedHandler,
    request: IncomingMessage,
    occasion: Occasion,
  ): Promise<boolean> {
    const { rule, authenticator } = handler;
    try {
      const who = await whoIsThere(handler, request);
      if (who !== undefined && !(decide(rule, who, authenticator.refusals) instanceof Refusal)) return true;
      this.gate.decide(handler, who, occasion, authenticator);
    } catch (error) {
      // What cannot be decided is not left open, and Nest would tell the client of the error.
      this.log.error(error);
    }
    return false;
  }
}

/** Undefined when nobody is any more. */
function whoIsThere({ authenticator }: GuardedHandler, request: IncomingMessage): Outcome | Promise<Outcome> {
  const standing = standingOf(request);
  if (standing) return standing.renewed();
  // Somebody else's strategy has vouched for them, until then.
  const caller = callerOf(request);
  if (caller && caller.expiresAt * 1000 > Date.now()) return caller;
  return authenticator.refusals.noCredential();
}

/** Node's timers count in 31 bits: 24 days. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** From then on each second: clocks may differ by the verifier's tolerance. */
function fromExpiry(expiresAt: number): Observable<unknown> {
  return timer(Math.min(Math.max(expiresAt * 1000 - Date.now(), 0), LONGEST_TIMER), 1000);
}

function revocations({ authenticator }: GuardedHandler): Observable<void> {
  return new Observable((subscriber) => authenticator.verifier.onRevocations(() => subscriber.next()));
}
