import type { Type } from '@nestjs/common';
import { methodsOf, type CalledMethod } from './called-class.ts';
import { decoratorKeys } from './decorator-keys.ts';

/** A method that messages reach, of a gateway or of a microservice's controller. */
export interface MessageHandler extends CalledMethod {
  /** What a gateway's is subscribed to. */
  readonly message: unknown;
}

export function messageHandlersOf(owner: Type): readonly MessageHandler[] {
  return methodsOf(owner).flatMap(({ name, method }) =>
    MARKS.some((mark) => Reflect.hasMetadata(mark, method))
      ? [{ name, method, message: Reflect.getMetadata(decoratorKeys.message, method) }]
      : [],
  );
}

const MARKS = [decoratorKeys.subscribes, decoratorKeys.patternKind];
