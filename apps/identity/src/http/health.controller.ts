import { Controller, Get, Inject } from '@nestjs/common';
import { Public } from '@portcullis/nest';
import { Provider } from 'oidc-provider';

@Public()
@Controller('health')
export class HealthController {
  readonly #provider: Provider;

  constructor(@Inject(Provider) provider: Provider) {
    this.#provider = provider;
  }

  @Get('live')
  live() {
    return { status: 'ok' };
  }

  /** Ready when the database answers. */
  @Get('ready')
  async ready() {
    await this.#provider.Client.find('wab-dashboard');
    return { status: 'ok' };
  }
}
