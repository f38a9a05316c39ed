import type { IncomingMessage } from 'node:http';
import type { ApolloDriverConfig } from '@nestjs/apollo';
import { isScalarType } from 'graphql';
import { requestIdOf } from '../request-id.ts';
import { callingOf, withCalling, type Calling } from './calling.ts';
import type { Entrance } from './entrance.ts';
import { unguardedFields } from './schema-audit.ts';
import type { Subscriptions } from './subscriptions.ts';

/** @throws TypeError when these options of GraphQLModule would leave something unguarded */
export function refuseOpenOptions({
  fieldResolverEnhancers = [],
  csrfPrevention,
  resolvers,
}: ApolloDriverConfig): void {
  if (!fieldResolverEnhancers.includes('guards'))
    throw new TypeError(
      'field resolvers would answer unguarded: put "fieldResolverEnhancers: [\'guards\']" into the options of GraphQLModule',
    );
  if (csrfPrevention === false)
    throw new TypeError(
      'without csrfPrevention a plain form of any page can send operations: leave it out of the options of GraphQLModule',
    );
  const unseen = [resolvers ?? []].flat().flatMap(fieldsAnswered);
  if (unseen.length > 0) throw unguardedFields(unseen);
}

/** What a map of resolvers answers by functions, in place of the methods that a guard sees. */
function fieldsAnswered(map: unknown): readonly string[] {
  return membersOf(map).flatMap(([type, fields]) =>
    isScalarType(fields)
      ? []
      : membersOf(fields)
          .filter(([field, answer]) => !OF_TYPES.has(field) && isAnswer(answer))
          .map(([field]) => `${type}.${field}`),
  );
}

/** They answer with the name of a type alone. */
const OF_TYPES: ReadonlySet<string> = new Set(['__resolveType', '__isTypeOf']);

function isAnswer(value: unknown): boolean {
  return (
    typeof value === 'function' ||
    (typeof value === 'object' && value !== null && ('resolve' in value || 'subscribe' in value))
  );
}

function membersOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/**
 * The options of GraphQLModule, after Nest filled them in, with what tells the guard who is calling.
 *
 * Stack traces are left out of answers unless the application asks for them.
 */
export function guardedOptions(
  merged: ApolloDriverConfig,
  entrance: Entrance,
  subscriptions: Subscriptions,
): ApolloDriverConfig {
  const { subscriptions: _given, installSubscriptionHandlers: _installed, ...others } = merged;
  const { context, includeStacktraceInErrorResponses = false } = merged;
  return {
    ...others,
    includeStacktraceInErrorResponses,
    ...overWebSockets(merged, subscriptions),
    context: async (...given: readonly unknown[]) =>
      withCalling(await context(...given), await callingWith(given, entrance, subscriptions)),
  };
}

function overWebSockets(
  { subscriptions: given, installSubscriptionHandlers }: ApolloDriverConfig,
  subscriptions: Subscriptions,
): Pick<ApolloDriverConfig, 'subscriptions'> {
  const own = given?.['graphql-ws'] ?? (installSubscriptionHandlers === true && given === undefined);
  // With neither option Nest takes no connection; with an empty one it would take those that nobody listens to.
  if (own === false) return {};
  return { subscriptions: { ...given, 'graphql-ws': subscriptions.guarded(own === true ? {} : own) } };
}

/** Whether there will be connections. */
export function hasSubscriptions({ subscriptions }: ApolloDriverConfig): boolean {
  return subscriptions !== undefined;
}

/** @param given what the context is made from: Express's pair, Fastify's request, or a connection of graphql-ws and the operation */
async function callingWith(
  [given, id]: readonly unknown[],
  entrance: Entrance,
  subscriptions: Subscriptions,
): Promise<Calling> {
  if (typeof given !== 'object' || given === null) return callingOf(undefined);
  if ('extra' in given) return subscriptions.callingOver(given, id) ?? callingOf(undefined);
  const request = 'raw' in given ? given.raw : 'req' in given ? given.req : undefined;
  if (!isRequest(request)) return callingOf(undefined);
  const who = await entrance.whoSent(request);
  return { who: () => who, requestId: requestIdOf(given) ?? requestIdOf(request) };
}

function isRequest(value: unknown): value is IncomingMessage {
  return typeof value === 'object' && value !== null && 'rawHeaders' in value;
}
