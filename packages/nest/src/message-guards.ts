import { Inject, Injectable } from '@nestjs/common';
import { GUARDS_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import { calledClasses } from './called-class.ts';
import { ContextDoors } from './context-door.ts';
import { Gate } from './gate.ts';
import { messageHandlersOf } from './message-handler.ts';
import { MessageGuard } from './message.guard.ts';

/**
 * Puts the guard before every class with handlers of messages, as soon as the application is built: what
 * `connectMicroservice` adds without `inheritAppConfig` has none of the global guards, and may listen before `init`
 * (Nest 12).
 */
@Injectable()
export class MessageGuards {
  constructor(
    @Inject(Gate) gate: Gate,
    @Inject(ContextDoors) doors: ContextDoors,
    @Inject(ModulesContainer) modules: ModulesContainer,
  ) {
    const guard = { provide: MessageGuard, useValue: new MessageGuard(gate, doors) };
    for (const { type, module } of calledClasses(modules)) {
      const handlers = messageHandlersOf(type);
      if (handlers.length === 0) continue;
      module.addInjectable(guard, 'guard');
      for (const place of [type, ...handlers.map(({ method }) => method)]) standBefore(place);
    }
  }
}

/**
 * On the class too, since an instance may have another function than the class has. By the guard's class, not this
 * application's guard: another that has the same handlers finds its own.
 */
function standBefore(place: Function): void {
  const known: unknown = Reflect.getMetadata(GUARDS_METADATA, place);
  const guards: readonly unknown[] = Array.isArray(known) ? known : [];
  if (guards.includes(MessageGuard)) return;
  Reflect.defineMetadata(GUARDS_METADATA, [MessageGuard, ...guards], place);
}
