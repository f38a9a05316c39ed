import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Authenticator } from '@portcullis/http';
import { AUTHENTICATOR, Public } from '@portcullis/nest';
import { ITEM_PERMISSIONS } from '../items/item-permissions.ts';
import type { Settings } from '../settings.ts';

/** Injection token of what the API was told from outside. */
export const SETTINGS = Symbol('menu-api:settings');

/** RFC 9728, 2 */
interface ResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported: readonly string[];
  readonly bearer_methods_supported: readonly string[];
  readonly dpop_signing_alg_values_supported: readonly string[];
}

@Public()
@ApiExcludeController()
@Controller('.well-known/oauth-protected-resource')
export class ResourceMetadataController {
  private readonly metadata: ResourceMetadata;

  constructor(
    @Inject(SETTINGS) { publicUrl, issuers }: Settings,
    @Inject(AUTHENTICATOR) { verifier }: Authenticator,
  ) {
    this.metadata = Object.freeze({
      resource: publicUrl,
      authorization_servers: issuers.map(({ issuer }) => issuer),
      scopes_supported: ITEM_PERMISSIONS,
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: verifier.dpop?.algorithms ?? [],
    });
  }

  /** Where a client gets a token for this API, and how it sends it. */
  @Get()
  @Header('cache-control', 'public, max-age=3600')
  read(): ResourceMetadata {
    return this.metadata;
  }
}
