import type { DynamicModule } from '@nestjs/common';
import { PortcullisModule } from '@portcullis/nest';
import type { JWK } from 'jose';

/** The Management API is an API like any other, whose issuer happens to be in the same process. */
export function managementGuard(parts: {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: { readonly keys: readonly JWK[] };
}): DynamicModule {
  const { issuer, audience, keys } = parts;
  return PortcullisModule.forRoot({ issuer: { issuer, provider: 'portcullis', jwks: keys }, audience });
}
