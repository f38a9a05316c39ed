import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { resourceMetadata, type Authenticator, type ResourceMetadata } from '@portcullis/http';
import { AUTHENTICATOR, Public } from '@portcullis/nest';
import { ITEM_PERMISSIONS } from '../items/item-permissions.ts';
import type { Settings } from '../settings.ts';

/** Injection token of what the API was told from outside. */
export const SETTINGS = Symbol('menu-api:settings');

@Public()
@ApiExcludeController()
@Controller('.well-known/oauth-protected-resource')
export class ResourceMetadataController {
  private readonly metadata: ResourceMetadata;

  constructor(
    @Inject(SETTINGS) { publicUrl, issuers }: Settings,
    @Inject(AUTHENTICATOR) { verifier }: Authenticator,
  ) {
    this.metadata = resourceMetadata({
      resource: publicUrl,
      issuer: issuers.map(({ issuer }) => issuer),
      scopes: ITEM_PERMISSIONS,
      verifier,
    });
  }

  /** Where a client gets a token for this API, and how it sends it. */
  @Get()
  @Header('cache-control', 'public, max-age=3600')
  read(): ResourceMetadata {
    return this.metadata;
  }
}
