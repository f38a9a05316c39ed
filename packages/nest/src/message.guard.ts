import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ContextDoors } from './context-door.ts';
import { Gate } from './gate.ts';
import { PortcullisGuard } from './portcullis.guard.ts';

/** Of a class with handlers of messages, beside the global guard. A door decides a message once, however many ask it. */
@Injectable()
export class MessageGuard implements CanActivate {
  private readonly guard: PortcullisGuard;

  constructor(@Inject(Gate) gate: Gate, @Inject(ContextDoors) doors: ContextDoors) {
    this.guard = new PortcullisGuard(gate, doors);
  }

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    return ELSEWHERE.has(context.getType<string>()) || this.guard.canActivate(context);
  }
}

/** Contexts in which the class may have handlers too, and which the global guard always reaches. */
const ELSEWHERE: ReadonlySet<string> = new Set(['http', 'graphql']);
