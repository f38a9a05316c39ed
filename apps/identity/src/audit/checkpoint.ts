import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { CompactSign, compactVerify, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { deriveKey } from '../keys/derived-key.ts';

/** How far the audit had come at a time, and the hash that vouches for everything before. */
export interface Checkpoint {
  readonly number: number;
  readonly hash: string;
  readonly at: string;
}

const payload = z.object({
  number: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime(),
});

const TYPE = 'audit-checkpoint';
/** PKCS #8 of an Ed25519 key up to its 32 bytes (RFC 8410, 7). */
const PRIVATE_KEY = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Signs and judges checkpoints, by a key of their own: it is derived from the secret and signs nothing else. */
export class CheckpointKey {
  readonly kid: string;
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;

  constructor(secret: string) {
    const seed = deriveKey(secret, 'audit-checkpoint');
    this.#privateKey = createPrivateKey({
      key: Buffer.concat([PRIVATE_KEY, seed]),
      format: 'der',
      type: 'pkcs8',
    });
    this.#publicKey = createPublicKey(this.#privateKey);
    const spki = this.#publicKey.export({ format: 'der', type: 'spki' });
    this.kid = createHash('sha256').update(spki).digest('base64url').slice(0, 22);
  }

  /** A compact JWS. */
  sign(checkpoint: Checkpoint): Promise<string> {
    return new CompactSign(new TextEncoder().encode(JSON.stringify(checkpoint)))
      .setProtectedHeader({ alg: 'EdDSA', kid: this.kid, typ: TYPE })
      .sign(this.#privateKey);
  }

  signed(jws: string): boolean {
    try {
      return decodeProtectedHeader(jws).kid === this.kid;
    } catch {
      return false;
    }
  }

  /** Undefined when it is not one that this key has signed. */
  async read(jws: string): Promise<Checkpoint | undefined> {
    try {
      const verified = await compactVerify(jws, this.#publicKey, { algorithms: ['EdDSA'] });
      if (verified.protectedHeader.typ !== TYPE) return undefined;
      return payload.safeParse(JSON.parse(new TextDecoder().decode(verified.payload))).data;
    } catch {
      return undefined;
    }
  }
}
