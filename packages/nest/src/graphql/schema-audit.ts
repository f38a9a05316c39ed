import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import {
  FIELD_TYPENAME,
  RESOLVER_NAME_METADATA,
  RESOLVER_PROPERTY_METADATA,
  RESOLVER_TYPE_METADATA,
} from '@nestjs/graphql';
import type { GraphQLSchema } from 'graphql';
import { calledClasses } from '../called-class.ts';
import { RouteAudit } from '../route-audit.ts';

const OF_FEDERATION: ReadonlySet<string> = new Set(['Query._service', 'Query._entities']);

/** Stops the application while its schema answers by something that no guard sees; rules are for the RouteAudit. */
@Injectable()
export class SchemaAudit implements OnModuleInit {
  private readonly modules: ModulesContainer;
  private readonly routes: RouteAudit;

  constructor(@Inject(ModulesContainer) modules: ModulesContainer, @Inject(RouteAudit) routes: RouteAudit) {
    this.modules = modules;
    this.routes = routes;
  }

  /** @throws TypeError naming a resolver that Nest would call unguarded */
  onModuleInit(): void {
    const masked = calledClasses(this.modules).find(({ type }) => isMasked(type))?.type;
    if (masked === undefined) return;
    throw new TypeError(
      `Nest calls a method named ${FIELD_TYPENAME} unguarded: give ${masked.name}.${FIELD_TYPENAME} another name`,
    );
  }

  /** @throws TypeError when a schema answers with functions that are no resolvers of Nest, which no guard sees */
  check(schema: GraphQLSchema): void {
    const known = new Set(
      this.routes.routes.flatMap(({ context, paths }) => (context === 'graphql' ? paths : [])),
    );
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    const unseen = roots
      .flatMap((root) => Object.keys(root?.getFields() ?? {}).map((field) => `${root?.name}.${field}`))
      .filter((field) => !known.has(field) && !OF_FEDERATION.has(field));
    if (unseen.length > 0) throw unguardedFields(unseen);
  }
}

export function unguardedFields(fields: readonly string[]): TypeError {
  return new TypeError(
    `No guard sees ${fields.join(', ')}: answer with a method of a class, under @Query(), @Mutation(), @Subscription() or @ResolveField()`,
  );
}

/** Nest leaves guards out by the method's name: right where it names a type, and a hole where it serves a field. */
function isMasked(resolver: Function): boolean {
  const method: unknown = Reflect.get(resolver.prototype, FIELD_TYPENAME);
  if (typeof method !== 'function') return false;
  const owner: unknown = Reflect.getMetadata(RESOLVER_TYPE_METADATA, method);
  const field: unknown = Reflect.getMetadata(RESOLVER_NAME_METADATA, method) ?? FIELD_TYPENAME;
  const isField = Reflect.getMetadata(RESOLVER_PROPERTY_METADATA, method) === true;
  return owner !== undefined || (isField && field !== FIELD_TYPENAME);
}
