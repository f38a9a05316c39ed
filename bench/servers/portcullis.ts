import { PortcullisModule, Public, RequirePermissions } from '@portcullis/nest';
import { PERMISSION, serve, trust } from './hello.ts';

/** Ours, as a reader of the first page would write it. */
const { issuer, audience, jwksUri } = trust();
await serve({
  imports: [
    PortcullisModule.forRoot({ issuer: jwksUri === undefined ? issuer : { issuer, jwksUri }, audience }),
  ],
  ofPublic: [Public()],
  ofProtected: [RequirePermissions(PERMISSION)],
});
