/**
 * Remembers which DPoP proofs were used (RFC 9449 11.1). The port; `@portcullis/stores` has implementations in
 * memory and on Redis.
 */
export interface ReplayStore {
  /**
   * Remembers a proof, in one atomic step: of any number of calls with one key, on all nodes together, exactly
   * one is told true. Never forgets before `expiresAt`, not even for lack of space.
   *
   * @param key 43 characters of base64url
   * @param expiresAt seconds since the epoch, after which the proof would be refused as too old anyway
   * @returns whether the key is new
   * @throws when that cannot be told: the store is full or out of reach. Such a proof is answered 503.
   */
  remember(key: string, expiresAt: number): boolean | Promise<boolean>;
}
