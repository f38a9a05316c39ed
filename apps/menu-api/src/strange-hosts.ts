import { createProblem, PROBLEM_MEDIA_TYPE, type Middleware } from '@portcullis/http';
import { hostAllowList } from '@portcullis/service';

const MISDIRECTED = JSON.stringify(createProblem(421, 'this API does not answer under that name'));

/** Another name pointed at this machine must not read it (DNS rebinding). Probes come by address. */
export function refuseStrangeHosts(publicUrl: string): Middleware {
  const allowed = hostAllowList(publicUrl);
  return (request, response, next) => {
    if (allowed(request.headers.host) || request.url?.startsWith('/health/') === true) next();
    else response.writeHead(421, { 'content-type': PROBLEM_MEDIA_TYPE }).end(MISDIRECTED);
  };
}
