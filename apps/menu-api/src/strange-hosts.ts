import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createProblem, PROBLEM_MEDIA_TYPE } from '@portcullis/http';
import { hostAllowList } from '@portcullis/service';

const MISDIRECTED = JSON.stringify(createProblem(421, 'this API does not answer under that name'));

/** Another name pointed at this machine must not read it (DNS rebinding). Probes come by address. */
export function refuseStrangeHosts(app: NestFastifyApplication, publicUrl: string): void {
  const allowed = hostAllowList(publicUrl);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      if (allowed(request.headers.host) || request.url.startsWith('/health/')) done();
      else reply.code(421).type(PROBLEM_MEDIA_TYPE).send(MISDIRECTED);
    });
}
