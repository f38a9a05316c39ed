import 'reflect-metadata';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, type DiscoveryService } from '@nestjs/core';
import type { Gate, GuardedHandler } from './gate.ts';
import { markOriginal, originalOf } from './original-handler.ts';

export interface RegisteredHandler {
  readonly controller: Function;
  readonly method: Function;
  readonly guarded: GuardedHandler;
}

/**
 * Whose handler it is that Nest registers with a router. Nest wraps each, copies the metadata of the method on to the
 * wrapper, and names that after class and method.
 */
export class RegisteredHandlers {
  /** Of each method: under which name which controllers have it. */
  private readonly owners = new Map<Function, Map<string, Set<Function>>>();
  private readonly gate: Gate;

  constructor(discovery: DiscoveryService, gate: Gate) {
    this.gate = gate;
    for (const { metatype } of discovery.getControllers()) {
      if (typeof metatype === 'function') this.mark(metatype);
    }
  }

  /**
   * @returns undefined for what is no handler of a controller: a middleware, a route around Nest
   * @throws TypeError when several controllers could be meant
   */
  behind(registered: unknown): RegisteredHandler | undefined {
    if (typeof registered !== 'function') return undefined;
    const method = originalOf(registered);
    const owners = this.owners.get(method);
    if (owners === undefined) return undefined;
    // Inherited methods are one function; the name tells the classes apart. Nest gives none when it sorts routes.
    const [controller, ...others] =
      owners.get(registered.name) ?? [...owners.values()].flatMap((classes) => [...classes]);
    if (controller === undefined || others.length > 0) {
      throw new TypeError(
        `several controllers have the handler ${[...owners.keys()].join(', ')}, and Nest does not tell the router which: ` +
          "give the classes names of their own, or use door: 'guard'",
      );
    }
    return { controller, method, guarded: this.gate.handlerOf(controller, method) };
  }

  private mark(controller: Function): void {
    const prototype: object = controller.prototype;
    for (const name of new MetadataScanner().getAllMethodNames(prototype)) {
      const method: unknown = Reflect.get(prototype, name);
      if (typeof method !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, method)) continue;
      markOriginal(method);
      const owners = this.owners.get(method) ?? new Map<string, Set<Function>>();
      const full = `${controller.name}.${name}`;
      this.owners.set(method, owners.set(full, (owners.get(full) ?? new Set()).add(controller)));
    }
  }
}
