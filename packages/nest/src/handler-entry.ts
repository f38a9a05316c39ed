import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import type { HandlerContext } from './access-event.ts';
import { decoratorKeys as keys } from './decorator-keys.ts';
import type { RegisteredPaths } from './registered-paths.ts';

/** From where one method is called. */
export interface HandlerEntry {
  readonly context: HandlerContext;
  readonly method: string;
  readonly paths: readonly string[];
}

/** @param module the class of the module that has the controller */
export function httpEntries(
  controller: Type,
  module: Type,
  handler: Function,
  registered: RegisteredPaths,
): readonly HandlerEntry[] {
  const verb: RequestMethod | undefined = Reflect.getMetadata(METHOD_METADATA, handler);
  if (verb === undefined) return [];
  const paths = registered.of(controller, module, handler, verb);
  return [{ context: 'http', method: RequestMethod[verb] ?? String(verb), paths }];
}

const ROOT_TYPES = ['Query', 'Mutation', 'Subscription'];

/** The same choice as `@nestjs/graphql` makes: root types, fields and references; other methods are not mapped. */
export function graphqlEntries(type: Type, method: Function, name: string): readonly HandlerEntry[] {
  const of: unknown =
    Reflect.getMetadata(keys.resolverType, method) || Reflect.getMetadata(keys.resolverType, type);
  const isField =
    Reflect.getMetadata(keys.resolvesField, method) === true ||
    Reflect.getMetadata(keys.resolvesReference, method) === true;
  if (typeof of !== 'string' || !(isField || ROOT_TYPES.includes(of))) return [];
  const field: unknown = Reflect.getMetadata(keys.resolverName, method);
  // Nest runs no guard for it, and it answers with the name of a type alone.
  if (isField && name === '__resolveType' && !ROOT_TYPES.includes(of)) return [];
  return [
    {
      context: 'graphql',
      method: isField ? 'FIELD' : of.toUpperCase(),
      paths: [`${of}.${typeof field === 'string' ? field : name}`],
    },
  ];
}

export function wsEntries(type: Type, method: Function): readonly HandlerEntry[] {
  const isGateway = Reflect.getMetadata(keys.gateway, type) === true;
  if (!isGateway || Reflect.getMetadata(keys.subscribes, method) !== true) return [];
  return [{ context: 'ws', method: 'MESSAGE', paths: [asText(Reflect.getMetadata(keys.message, method))] }];
}

const EVENT = 2;

export function rpcEntries(method: Function): readonly HandlerEntry[] {
  const patterns: unknown = Reflect.getMetadata(keys.pattern, method);
  if (!Array.isArray(patterns)) return [];
  const isEvent = Reflect.getMetadata(keys.patternKind, method) === EVENT;
  return [{ context: 'rpc', method: isEvent ? 'EVENT' : 'MESSAGE', paths: patterns.map(asText) }];
}

function asText(pattern: unknown): string {
  return typeof pattern === 'string' ? pattern : (JSON.stringify(pattern) ?? String(pattern));
}
