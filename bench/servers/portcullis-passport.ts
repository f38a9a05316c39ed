import { PortcullisModule, Public, RequirePermissions } from '@portcullis/nest';
import { PortcullisPassportGuard } from '@portcullis/nest/passport';
import { PERMISSION, serve, trust } from './hello.ts';

/** Our Passport door, on Express as its rivals are. */
process.env['HTTP_ADAPTER'] = 'express';
const { issuer, audience, jwksUri } = trust();
await serve({
  imports: [
    PortcullisModule.forRoot({
      issuer: jwksUri === undefined ? issuer : { issuer, jwksUri },
      audience,
      door: PortcullisPassportGuard,
    }),
  ],
  ofPublic: [Public()],
  ofProtected: [RequirePermissions(PERMISSION)],
});
