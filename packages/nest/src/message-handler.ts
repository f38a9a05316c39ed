import { MetadataScanner, type DiscoveryService } from '@nestjs/core';

/** Keys of @nestjs/websockets and @nestjs/microservices, which need not be installed. */
const GATEWAY = 'websockets:is_gateway';
const SUBSCRIPTION = 'websockets:message_mapping';
const SUBSCRIBED = 'message';
const PATTERN_HANDLER = 'microservices:handler_type';

const scanner = new MetadataScanner();

export function gatewaysOf(discovery: DiscoveryService): readonly Function[] {
  return discovery
    .getProviders()
    .flatMap(({ metatype, isNotMetatype }) =>
      typeof metatype === 'function' && !isNotMetatype && Reflect.hasMetadata(GATEWAY, metatype)
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
      ? [{ name, handler, message: Reflect.getMetadata(SUBSCRIBED, handler) }]
      : [];
  });
}

const MARKS = [SUBSCRIPTION, PATTERN_HANDLER];
