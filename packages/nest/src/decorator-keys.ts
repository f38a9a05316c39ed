/**
 * The keys of Nest's decorators, as their packages spell them. Those packages are optional peers, and an application
 * that has them and not our module for them must still be seen: so the keys are written here and nothing is imported.
 */
export const decoratorKeys = {
  /** `@nestjs/graphql`, graphql.constants */
  resolverType: 'graphql:resolver_type',
  resolverName: 'graphql:resolver_name',
  resolvesField: 'graphql:resolve_property',
  resolvesReference: 'graphql:resolve_reference',
  /** `@nestjs/websockets`, constants */
  gateway: 'websockets:is_gateway',
  subscribes: 'websockets:message_mapping',
  message: 'message',
  /** `@nestjs/microservices`, constants */
  pattern: 'microservices:pattern',
  patternKind: 'microservices:handler_type',
} as const;
