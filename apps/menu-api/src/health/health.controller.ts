import { Controller, Get, Header, HttpException, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { createProblem, type Authenticator } from '@portcullis/http';
import { AUTHENTICATOR, Public } from '@portcullis/nest';

interface Health {
  readonly status: 'ok';
}

const OK: Health = Object.freeze({ status: 'ok' });

@Public()
@ApiExcludeController()
@Controller('health')
export class HealthController {
  private readonly authenticator: Authenticator;

  constructor(@Inject(AUTHENTICATOR) authenticator: Authenticator) {
    this.authenticator = authenticator;
  }

  @Get('live')
  @Header('cache-control', 'no-store')
  live(): Health {
    return OK;
  }

  /** Waits for the first key set, and for the first snapshot of what was revoked where that is followed; an issuer that goes away later does not make this node unready. */
  @Get('ready')
  @Header('cache-control', 'no-store')
  ready(): Health {
    if (this.authenticator.verifier.isReady()) return OK;
    throw new HttpException(
      createProblem(503, 'the issuer has not answered yet, so no token can be checked'),
      503,
    );
  }
}
