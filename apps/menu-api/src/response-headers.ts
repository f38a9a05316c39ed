import type { Middleware } from '@portcullis/http';
import helmet from 'helmet';

const NOTHING = ["'none'"];
const OWN = ["'self'"];
const common = { frameguard: { action: 'deny' }, referrerPolicy: { policy: 'no-referrer' } } as const;

const protectAnswer = helmet({
  ...common,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: NOTHING, frameAncestors: NOTHING, baseUri: NOTHING, formAction: NOTHING },
  },
});

/** The documentation page is the one page here that a browser renders. */
const protectPage = helmet({
  ...common,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: NOTHING,
      scriptSrc: OWN,
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: OWN,
      frameAncestors: NOTHING,
      baseUri: NOTHING,
      formAction: NOTHING,
    },
  },
});

export const protectResponses: Middleware = (request, response, next) => {
  const protect = request.url?.startsWith('/docs') === true ? protectPage : protectAnswer;
  protect(request, response, next);
};
