import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import type { ModulesContainer } from '@nestjs/core';
import { calledClasses, methodsOf } from './called-class.ts';
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

  constructor(modules: ModulesContainer, gate: Gate) {
    this.gate = gate;
    for (const { type, isController } of calledClasses(modules)) if (isController) this.mark(type);
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

  private mark(controller: Type): void {
    for (const { name, method } of methodsOf(controller)) {
      if (!Reflect.hasMetadata(METHOD_METADATA, method)) continue;
      markOriginal(method);
      const owners = this.owners.get(method) ?? new Map<string, Set<Function>>();
      const full = `${controller.name}.${name}`;
      this.owners.set(method, owners.set(full, (owners.get(full) ?? new Set()).add(controller)));
    }
  }
}
