import { createPublicKey } from 'node:crypto';
import { Get, HttpCode, Inject, Param, Post, Put } from '@nestjs/common';
import type { Administrator } from '../authority/administrator.ts';
import { Absent } from '../authority/refused-change.ts';
import { KeyRing, type KnownKey } from '../keys/key-ring.ts';
import { ManagementController } from './management-controller.ts';
import { RequirePermissions } from './management-permissions.ts';
import { By } from './request-administrator.ts';
import { id } from './text.ts';

@ManagementController('keys/signing')
export class SigningKeysController {
  readonly #keys: KeyRing;

  constructor(@Inject(KeyRing) keys: KeyRing) {
    this.#keys = keys;
  }

  @Get()
  @RequirePermissions('read:signing_keys')
  async list() {
    return (await this.#keys.all()).map(wireKey);
  }

  @Get(':kid')
  @RequirePermissions('read:signing_keys')
  async find(@Param('kid', { schema: id }) kid: string) {
    return wireKey(await this.#find(kid));
  }

  @Post('rotate')
  @RequirePermissions('create:signing_keys')
  async rotate(@By() by: Administrator) {
    by.assertPresent();
    return wireKey(await this.#find(await this.#keys.rotate(by.actor)));
  }

  @Put(':kid/revoke')
  @HttpCode(200)
  @RequirePermissions('update:signing_keys')
  async revoke(@By() by: Administrator, @Param('kid', { schema: id }) kid: string) {
    by.assertPresent();
    await this.#find(kid);
    await this.#keys.revoke(by.actor, kid);
    return wireKey(await this.#find(kid));
  }

  async #find(kid: string): Promise<KnownKey> {
    const found = (await this.#keys.all()).find((key) => key.kid === kid);
    if (!found) throw new Absent('signing_key');
    return found;
  }
}

/** `cert` is the public key: no certificates are made here. */
function wireKey(key: KnownKey) {
  const { kid, publicJwk, signsFrom, retiredAt, revokedAt, state } = key;
  return {
    kid,
    cert: createPublicKey({ key: { ...publicJwk }, format: 'jwk' }).export({ type: 'spki', format: 'pem' }),
    fingerprint: kid,
    thumbprint: kid,
    current: state === 'current',
    next: state === 'next',
    previous: state === 'former',
    current_since: signsFrom ?? undefined,
    current_until: retiredAt ?? undefined,
    revoked: revokedAt !== null,
    revoked_at: revokedAt ?? undefined,
  };
}
