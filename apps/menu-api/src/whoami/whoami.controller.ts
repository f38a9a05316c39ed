import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated, CurrentCaller, type Caller } from '@portcullis/nest';
import { z } from 'zod';

const whoamiSchema = z.object({
  kind: z.enum(['user', 'machine']),
  issuer: z.string(),
  subject: z.string(),
  client: z.string().optional(),
  via: z.enum(['bearer', 'dpop', 'mtls', 'session']),
  bindings: z.array(z.string()).describe('to what the token is bound, and that was enforced'),
  tokenKind: z.enum(['access_token', 'id_token']),
  scopes: z.array(z.string()),
  permissions: z.array(z.string()),
  permissionSources: z.record(z.string(), z.array(z.string())),
  authTime: z.int().optional().describe('seconds since the epoch'),
  expiresAt: z.number().describe('seconds since the epoch'),
});

@ApiTags('caller')
@Controller('api/whoami')
export class WhoamiController {
  /** What the API made of the credential: never the credential itself. */
  @Get()
  @Authenticated({ kind: ['user', 'machine'] })
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Who you are to this API, and what you may do' })
  @ApiResponse({ status: 200, standardSchema: whoamiSchema })
  whoami(@CurrentCaller() caller: Caller): z.infer<typeof whoamiSchema> {
    const { kind, issuer, subject, client, via, tokenKind, authTime, expiresAt } = caller;
    return {
      kind,
      issuer,
      subject,
      ...(client === undefined ? {} : { client }),
      via,
      bindings: [...caller.bindings],
      tokenKind,
      scopes: [...caller.scopes],
      permissions: [...caller.permissions],
      permissionSources: Object.fromEntries(
        Array.from(caller.permissionSources, ([name, origins]) => [name, [...origins]]),
      ),
      ...(authTime === undefined ? {} : { authTime }),
      expiresAt,
    };
  }
}
