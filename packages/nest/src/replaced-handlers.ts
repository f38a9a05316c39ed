import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { decoratorKeys } from './decorator-keys.ts';
import { markOriginal, originalOf } from './original-handler.ts';

/**
 * Nest takes the path of a handler from its class and calls the function that the instance has. Where these differ, as
 * after `this.list = this.list.bind(this)`, what the decorators say is lost to every guard: ours would refuse the
 * handler, and others that stand on it would be left out.
 */
@Injectable()
export class ReplacedHandlers implements OnModuleInit {
  private readonly discovery: DiscoveryService;
  private readonly scanner = new MetadataScanner();

  constructor(@Inject(DiscoveryService) discovery: DiscoveryService) {
    this.discovery = discovery;
    for (const { metatype } of [...discovery.getControllers(), ...discovery.getProviders()]) {
      if (typeof metatype !== 'function' || typeof metatype.prototype !== 'object') continue;
      for (const [, method] of this.handlersOf(metatype.prototype)) markOriginal(method);
    }
  }

  /** @throws TypeError naming the handlers that their instances have replaced */
  onModuleInit(): void {
    const replaced = this.discovery
      .getControllers()
      .flatMap(({ instance, name }) => this.replacedIn(instance, String(name)));
    if (replaced.length > 0) throw new TypeError(replaced.join('\n'));
  }

  /** One that is made for each request is not made yet: the gate refuses what it then has. */
  private replacedIn(instance: unknown, controller: string): readonly string[] {
    if (typeof instance !== 'object' || instance === null) return [];
    return this.handlersOf(Object.getPrototypeOf(instance)).flatMap(([name, method]) => {
      const called: unknown = Reflect.get(instance, name);
      return typeof called === 'function' && originalOf(called) === method
        ? []
        : [
            `${controller}.${name} is another function on the instance, so that nothing its decorators say would hold: leave the method as it is, and bind it where it is handed on`,
          ];
    });
  }

  private handlersOf(prototype: object): readonly (readonly [name: string, method: Function])[] {
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const method: unknown = Reflect.get(prototype, name);
      return typeof method === 'function' && MARKS.some((mark) => Reflect.hasMetadata(mark, method))
        ? [[name, method] as const]
        : [];
    });
  }
}

/** What makes a method a handler, in whatever context. */
const MARKS = [
  METHOD_METADATA,
  decoratorKeys.patternKind,
  decoratorKeys.subscribes,
  decoratorKeys.resolverType,
  decoratorKeys.resolvesField,
  decoratorKeys.resolvesReference,
];
