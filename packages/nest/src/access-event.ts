import type { AccessRule, Caller, Refusal } from '@portcullis/http';

/** Where a handler is called from. One that no module of `@portcullis/nest` was installed for refuses everything. */
export type HandlerContext = 'http' | 'graphql' | 'ws' | 'rpc';

/** One decision of a door, for metrics, logs and the audit trail. Holds no credential. */
export interface AccessEvent {
  readonly context: HandlerContext;
  /** Such as `ItemsController.create`. */
  readonly handler: string;
  readonly rule: AccessRule | undefined;
  /** Who was calling, admitted or not; undefined when nobody was, or when that could not be told. */
  readonly caller: Caller | undefined;
  /** Why they may not; undefined when they may. */
  readonly refusal: Refusal | undefined;
  /** What was asked for: of HTTP the method, of GraphQL the operation's kind, else undefined. */
  readonly method: string | undefined;
  /** The request's own id, where the framework gives it one. */
  readonly requestId: string | undefined;
}

/**
 * Told of every decision. What it throws, or rejects with when it is asynchronous, becomes a process warning and changes
 * none.
 */
export interface AccessObserver {
  decided(event: AccessEvent): void;
  /** The application stops: what is still held back is to be told now. */
  close?(): void;
}
