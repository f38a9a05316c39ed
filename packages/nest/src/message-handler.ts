import { MetadataScanner, type DiscoveryService } from '@nestjs/core';
import { decoratorKeys } from './decorator-keys.ts';

const scanner = new MetadataScanner();

export function gatewaysOf(discovery: DiscoveryService): readonly Function[] {
  return discovery
    .getProviders()
    .flatMap(({ metatype, isNotMetatype }) =>
      typeof metatype === 'function' && !isNotMetatype && Reflect.hasMetadata(decoratorKeys.gateway, metatype)
        ? [metatype]
        : [],
    );
}

/** A method that messages reach, of a gateway or of a microservice's controller. */
export interface MessageHandler {
  readonly name: string;
  /** The function, which holds what the decorators say. */
  readonly handler: object;
  /** What a gateway's is subscribed to. */
  readonly message: unknown;
}

export function messageHandlersOf(owner: Function): readonly MessageHandler[] {
  const prototype: object = owner.prototype;
  return scanner.getAllMethodNames(prototype).flatMap((name) => {
    const handler: unknown = Reflect.get(prototype, name);
    return typeof handler === 'function' && MARKS.some((mark) => Reflect.hasMetadata(mark, handler))
      ? [{ name, handler, message: Reflect.getMetadata(decoratorKeys.message, handler) }]
      : [];
  });
}

const MARKS = [decoratorKeys.subscribes, decoratorKeys.patternKind];
