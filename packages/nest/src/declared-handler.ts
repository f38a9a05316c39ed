import type { Type } from '@nestjs/common';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import type { AccessRule } from '@portcullis/http';
import type { HandlerContext } from './access-event.ts';
import { accessRuleOf } from './access-metadata.ts';
import { graphqlEntries, httpEntries, rpcEntries, wsEntries, type HandlerEntry } from './handler-entry.ts';
import type { RegisteredPaths } from './registered-paths.ts';
import { verifierOf } from './verifier-metadata.ts';

/** One handler of the application, whoever calls it and from where. */
export interface DeclaredHandler {
  readonly context: HandlerContext;
  /** The class: a controller, a resolver or a gateway. */
  readonly type: Type;
  /** The class's name. */
  readonly controller: string;
  /** The method's name. */
  readonly handler: string;
  /**
   * HTTP: the method, or `ALL`. GraphQL: `QUERY`, `MUTATION`, `SUBSCRIPTION` or `FIELD`. WebSocket: `MESSAGE`.
   * Microservices: `MESSAGE` or `EVENT`.
   */
  readonly method: string;
  /**
   * HTTP: as registered with the router, with the global prefix, the module's path and a version in the address.
   * GraphQL: `Type.field`. WebSocket: the message. Microservices: the pattern.
   */
  readonly paths: readonly string[];
  /** Undefined when nothing declares one: then nobody may. */
  readonly rule: AccessRule | undefined;
  /** The verifier that @UseVerifier names; undefined when the module's own judges. */
  readonly verifier: string | undefined;
}

/**
 * Every handler of every context, found by Nest's own metadata. Nothing has to be instantiated, so that it also works
 * in Nest's preview mode; there, what a factory would have made is not seen.
 *
 * @throws TypeError when the decorators of one contradict each other
 */
export function declaredHandlers(
  modules: ModulesContainer,
  registered: RegisteredPaths,
): readonly DeclaredHandler[] {
  const scanner = new MetadataScanner();
  return [...modules.values()].flatMap((module) => [
    ...classesOf(module.controllers).flatMap((type) =>
      handlersOf(scanner, type, (method) => [
        ...httpEntries(type, module.metatype, method, registered),
        ...rpcEntries(method),
      ]),
    ),
    ...classesOf(module.providers).flatMap((type) =>
      handlersOf(scanner, type, (method, name) => [
        ...graphqlEntries(type, method, name),
        ...wsEntries(type, method),
      ]),
    ),
  ]);
}

interface Wrapper {
  readonly instance: unknown;
  readonly metatype: Function | Type | null;
  readonly inject?: readonly unknown[] | null | undefined;
}

/** What a factory or a value provides has its class from the instance; the rest need not be instantiated. */
function classesOf(wrappers: ReadonlyMap<unknown, Wrapper>): readonly Type[] {
  const types = [...wrappers.values()].flatMap(({ instance, metatype, inject }) => {
    const made: unknown = isObject(instance) ? Object.getPrototypeOf(instance)?.constructor : undefined;
    const type = made ?? (inject ? undefined : metatype);
    return isClass(type) ? [type] : [];
  });
  return [...new Set(types)];
}

function handlersOf(
  scanner: MetadataScanner,
  type: Type,
  entriesOf: (method: Function, name: string) => readonly HandlerEntry[],
): readonly DeclaredHandler[] {
  return scanner.getAllMethodNames(type.prototype).flatMap((handler) => {
    const method: unknown = Reflect.get(type.prototype, handler);
    if (typeof method !== 'function') return [];
    return entriesOf(method, handler).map((entry) => ({
      ...entry,
      type,
      controller: type.name,
      handler,
      rule: accessRuleOf(type, handler),
      verifier: verifierOf(type, handler)?.name,
    }));
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isClass(value: unknown): value is Type {
  return typeof value === 'function' && value !== Object && isObject(value.prototype);
}
