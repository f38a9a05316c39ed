import { Injectable, type ExecutionContext } from '@nestjs/common';
import type { HandlerContext } from './access-event.ts';
import type { GuardedHandler } from './gate.ts';

/** How handlers of one context are guarded. */
export interface ContextDoor {
  /** As Nest's execution context names it. */
  readonly type: HandlerContext;
  /** @throws what the context renders as a refusal */
  canActivate(context: ExecutionContext, handler: GuardedHandler): boolean | Promise<boolean>;
}

/** The contexts that are installed beside HTTP. A handler of any other is refused. */
@Injectable()
export class ContextDoors {
  private readonly doors = new Map<string, ContextDoor>();

  install(door: ContextDoor): void {
    this.doors.set(door.type, door);
  }

  get(type: string): ContextDoor | undefined {
    return this.doors.get(type);
  }
}
