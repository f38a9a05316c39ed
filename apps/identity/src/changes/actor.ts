/** On whose behalf something is changed, and through which request. */
export interface Actor {
  /** A user's or a machine's subject, or `system`, `seed`, `terminal`. */
  readonly subject: string;
  readonly client?: string | undefined;
  readonly requestId?: string | undefined;
  readonly address?: string | undefined;
  readonly reason?: string | undefined;
}

export const SYSTEM: Actor = { subject: 'system' };
