import type { Algorithm } from '../algorithm.ts';
import type { ReplayStore } from './replay-store.ts';

/** How tokens bound to a client's key are enforced (RFC 9449). */
export interface DpopOptions {
  /**
   * Where clients reach this API, e.g. `https://menu-api.example.com`: origin and, if a proxy strips one, path
   * prefix. A proof's `htu` is compared with this and the request's path; never with what a request says of its
   * host.
   */
  readonly publicUrl: string;
  /** Where used proofs are remembered. With several nodes it must be one they share. */
  readonly replayStore: ReplayStore;
  /** Default: all that this package knows, the verifier's own `algorithms` notwithstanding. Never `HS*`, never `none`. */
  readonly algorithms?: readonly Algorithm[];
  /** Seconds that a proof is good for, beyond which its `iat` is too old. Default 60, 1 to 300. */
  readonly proofLifetime?: number;
  /** Demands that proofs carry a nonce of ours. Default: none is demanded. */
  readonly nonce?: {
    /** At least 32 bytes, shared by all nodes. */
    readonly secret: string | Uint8Array;
    /** Seconds that a nonce is good for at least. Default 300, 1 to 86,400; it is good for at most twice as long. */
    readonly lifetime?: number;
  };
  /** Refuses every token that is not bound by DPoP. Default false. */
  readonly required?: boolean;
}
