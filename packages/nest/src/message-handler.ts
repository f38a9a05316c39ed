import { MetadataScanner, type DiscoveryService } from '@nestjs/core';
import type { AccessRule } from '@portcullis/http';
import { accessRuleOf } from './access-metadata.ts';

/** A handler of messages: of a WebSocket gateway (`ws`) or of a microservice (`rpc`). */
export interface MessageHandler {
  readonly context: 'ws' | 'rpc';
  readonly controller: string;
  readonly handler: string;
  /** As written in `@SubscribeMessage`, `@MessagePattern` or `@EventPattern`; what is no text as JSON. */
  readonly pattern: string;
  /** Undefined when nothing declares one. */
  readonly rule: AccessRule | undefined;
}

/** Keys of @nestjs/websockets and @nestjs/microservices, which need not be installed. */
const GATEWAY = 'websockets:is_gateway';
const SUBSCRIPTION = 'websockets:message_mapping';
const SUBSCRIBED = 'message';
const PATTERN_HANDLER = 'microservices:handler_type';
const PATTERNS = 'microservices:pattern';

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

/** Every handler of every gateway and of every microservice controller, in the order of registration. */
export function messageHandlersOf(discovery: DiscoveryService): readonly MessageHandler[] {
  const controllers = discovery
    .getControllers()
    .flatMap(({ metatype }) => (typeof metatype === 'function' ? [metatype] : []));
  return [
    ...gatewaysOf(discovery).flatMap((gateway) => handlersOf('ws', gateway)),
    ...controllers.flatMap((controller) => handlersOf('rpc', controller)),
  ];
}

/** The functions behind them, which hold their metadata. */
export function messageFunctionsOf(
  context: MessageHandler['context'],
  owner: Function,
): readonly (readonly [name: string, handler: object])[] {
  const prototype: object = owner.prototype;
  return scanner.getAllMethodNames(prototype).flatMap((name) => {
    const handler: unknown = Reflect.get(prototype, name);
    const mark = context === 'ws' ? SUBSCRIPTION : PATTERN_HANDLER;
    return typeof handler === 'function' && Reflect.hasMetadata(mark, handler) ? [[name, handler]] : [];
  });
}

function handlersOf(context: MessageHandler['context'], owner: Function): readonly MessageHandler[] {
  return messageFunctionsOf(context, owner).flatMap(([name, handler]) => {
    const patterns: unknown = Reflect.getMetadata(context === 'ws' ? SUBSCRIBED : PATTERNS, handler);
    return [patterns].flat().map((pattern) => ({
      context,
      controller: owner.name,
      handler: name,
      pattern: typeof pattern === 'string' ? pattern : JSON.stringify(pattern),
      rule: accessRuleOf(owner, name),
    }));
  });
}
