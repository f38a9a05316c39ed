import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import {
  FIELD_TYPENAME,
  RESOLVER_NAME_METADATA,
  RESOLVER_PROPERTY_METADATA,
  RESOLVER_REFERENCE_METADATA,
  RESOLVER_TYPE_METADATA,
} from '@nestjs/graphql';
import type { AccessRule } from '@portcullis/http';
import type { GraphQLSchema } from 'graphql';
import { accessRuleOf } from '../access-metadata.ts';

/** One resolver of the application and who may call it. */
export interface AuditedResolver {
  /** The class's name. */
  readonly controller: string;
  /** The method's name. */
  readonly handler: string;
  readonly type: 'Query' | 'Mutation' | 'Subscription' | 'ResolveField';
  /** As in the schema, such as `Query.dishes`. */
  readonly field: string;
  readonly rule: AccessRule;
}

type Resolver = Omit<AuditedResolver, 'rule'> & { readonly rule: AccessRule | undefined };

/** Finds every resolver at start, and stops the application while one of them has no rule. */
@Injectable()
export class ResolverAudit implements OnModuleInit {
  private readonly discovery: DiscoveryService;
  private readonly scanner = new MetadataScanner();
  private audited: readonly AuditedResolver[] = [];

  constructor(@Inject(DiscoveryService) discovery: DiscoveryService) {
    this.discovery = discovery;
  }

  /** Every resolver, in the order of registration. */
  get resolvers(): readonly AuditedResolver[] {
    return this.audited;
  }

  /** @throws TypeError naming each resolver without a rule, and what to write */
  onModuleInit(): void {
    const found = this.classes().flatMap((resolver) => this.resolversOf(resolver));
    const open = found.filter(({ rule }) => rule === undefined);
    if (open.length > 0) throw new TypeError(describe(open));
    this.audited = found.flatMap(({ rule, ...resolver }) => (rule ? [{ ...resolver, rule }] : []));
  }

  /** @throws TypeError when a schema answers with functions that are no resolvers of Nest, which no guard sees */
  checkSchema(schema: GraphQLSchema): void {
    const known = new Set(this.audited.map(({ field }) => field));
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    const unseen = roots
      .flatMap((root) => Object.keys(root?.getFields() ?? {}).map((field) => `${root?.name}.${field}`))
      .filter((field) => !known.has(field) && !OF_FEDERATION.has(field));
    if (unseen.length === 0) return;
    throw new TypeError(
      `No guard sees ${unseen.join(', ')}: answer with a method of a class, under @Query(), @Mutation() or @Subscription()`,
    );
  }

  private classes(): readonly Function[] {
    const instances = this.discovery.getProviders().map(({ instance }): unknown => instance);
    const classes = instances.map((instance): unknown =>
      typeof instance === 'object' && instance !== null ? instance.constructor : undefined,
    );
    return [...new Set(classes.filter((found) => typeof found === 'function'))];
  }

  private resolversOf(resolver: Function): readonly Resolver[] {
    const prototype: object = resolver.prototype;
    return this.scanner.getAllMethodNames(prototype).flatMap((handler) => {
      const method: unknown = Reflect.get(prototype, handler);
      const place = typeof method === 'function' ? placeOf(resolver, method, handler) : undefined;
      if (place === undefined) return [];
      return [{ controller: resolver.name, handler, ...place, rule: accessRuleOf(resolver, handler) }];
    });
  }
}

/** The same choice as that of Nest, which leaves `__resolveType` without guards: it names a type and nothing else. */
function placeOf(
  resolver: Function,
  method: Function,
  handler: string,
): Pick<AuditedResolver, 'type' | 'field'> | undefined {
  const owner: unknown =
    Reflect.getMetadata(RESOLVER_TYPE_METADATA, method) ??
    Reflect.getMetadata(RESOLVER_TYPE_METADATA, resolver);
  const isField = [RESOLVER_PROPERTY_METADATA, RESOLVER_REFERENCE_METADATA].some((key) =>
    Reflect.getMetadata(key, method),
  );
  const type = isRoot(owner) ? owner : isField ? 'ResolveField' : undefined;
  if (type === undefined) return undefined;
  const name: unknown = Reflect.getMetadata(RESOLVER_NAME_METADATA, method) ?? handler;
  if (handler !== FIELD_TYPENAME) return { type, field: `${String(owner)}.${String(name)}` };
  if (name === FIELD_TYPENAME && !isRoot(owner)) return undefined;
  throw new TypeError(
    `Nest calls a method named ${FIELD_TYPENAME} unguarded: give ${resolver.name}.${handler} another name`,
  );
}

function isRoot(type: unknown): type is 'Query' | 'Mutation' | 'Subscription' {
  return type === 'Query' || type === 'Mutation' || type === 'Subscription';
}

const OF_FEDERATION: ReadonlySet<string> = new Set(['Query._service', 'Query._entities']);

function describe(open: readonly Resolver[]): string {
  return [
    'These resolvers say nothing about who may call them:',
    ...open.map(({ controller, handler, field }) => `  ${controller}.${handler} (${field})`),
    'Put @Public(), @Authenticated() or @RequirePermissions(…) on each, or on its class.',
  ].join('\n');
}
