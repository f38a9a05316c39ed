import { Introspector } from '../introspection/introspector.ts';
import { GivenKeys } from '../keys/given-keys.ts';
import type { IssuerKeys } from '../keys/issuer-keys.ts';
import { KeySource } from '../keys/key-source.ts';
import type { Surroundings } from '../surroundings.ts';
import { IssuerMetadata } from './issuer-metadata.ts';
import type { IssuerSettings } from './issuer-settings.ts';

/** One issuer that is trusted, with what it takes to check its tokens. Shared with no other issuer or verifier. */
export class TrustedIssuer {
  readonly settings: IssuerSettings;
  /** Undefined when every token of this issuer is introspected. */
  readonly keys: IssuerKeys | undefined;
  /** Undefined when no token of this issuer is introspected. */
  readonly introspector: Introspector | undefined;

  readonly #awaited: boolean;

  /** @param awaited whether the verifier is not ready before it: one that a token made known must not undo that */
  constructor(settings: IssuerSettings, surroundings: Surroundings, awaited: boolean) {
    const { issuer, tokenFormat, introspection, jwksUri, givenKeys } = settings;
    const metadata = new IssuerMetadata(issuer, surroundings);
    this.settings = settings;
    this.#awaited = awaited;
    if (tokenFormat !== 'opaque') {
      this.keys =
        givenKeys === undefined
          ? new KeySource({ issuer, jwksUri, metadata }, surroundings)
          : new GivenKeys(givenKeys);
    }
    this.introspector =
      introspection === undefined
        ? undefined
        : new Introspector({ issuer, introspection, metadata }, surroundings);
  }

  /** Starts to fetch keys. */
  start(): void {
    this.keys?.start();
  }

  /** Resolves once tokens can be checked; never rejects. */
  async ready(): Promise<void> {
    if (this.#awaited) await this.keys?.loaded;
  }

  get isReady(): boolean {
    return !this.#awaited || (this.keys?.hasLoaded ?? true);
  }

  /** Drops the keys and fetches them anew, and asks anew what is being asked. Never rejects. */
  async purgeKeys(): Promise<void> {
    this.introspector?.purge();
    await this.keys?.purge();
  }

  close(): void {
    this.keys?.close();
    this.introspector?.close();
  }
}
