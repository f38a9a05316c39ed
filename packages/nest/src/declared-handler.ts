import type { Type } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { AccessRule } from '@portcullis/http';
import type { HandlerContext } from './access-event.ts';
import { accessRuleOf } from './access-metadata.ts';
import { calledClasses, methodsOf } from './called-class.ts';
import { graphqlEntries, httpEntries, rpcEntries, wsEntries } from './handler-entry.ts';
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
 * Every handler of every context, found by Nest's own metadata.
 *
 * @throws TypeError when the decorators of one contradict each other
 */
export function declaredHandlers(
  modules: ModulesContainer,
  registered: RegisteredPaths,
): readonly DeclaredHandler[] {
  return calledClasses(modules).flatMap(({ type, isController, module: { metatype } }) =>
    methodsOf(type).flatMap(({ name, method }) => {
      const entries = isController
        ? [...httpEntries(type, metatype, method, registered), ...rpcEntries(method)]
        : [...graphqlEntries(type, method, name), ...wsEntries(type, method)];
      return entries.map((entry) => ({
        ...entry,
        type,
        controller: type.name,
        handler: name,
        rule: accessRuleOf(type, name),
        verifier: verifierOf(type, name)?.name,
      }));
    }),
  );
}
