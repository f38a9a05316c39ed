/** Told to whoever starts a verifier that takes ID tokens, once for each verifier. */
export class IdTokenWarning {
  #given = false;

  give(): void {
    if (this.#given) return;
    this.#given = true;
    process.emitWarning(
      '"firstPartyIdTokens" accepts ID tokens, which say who logged in and nothing about this API: use it for login-only routes, and send access tokens as soon as the client can',
      { code: 'PORTCULLIS_FIRST_PARTY_ID_TOKENS' },
    );
  }
}
