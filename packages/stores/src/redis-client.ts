/** What is used of a Redis client; one of the package `redis` (`createClient`) fits as it is. */
export interface RedisClient {
  /**
   * @param options.abortSignal takes a command back that was not sent yet; a client may ignore it
   * @returns the answer of Redis, text as a string
   */
  sendCommand(args: readonly string[], options: { readonly abortSignal: AbortSignal }): Promise<unknown>;
}
