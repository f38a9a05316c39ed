import { sendRefusal, type Middleware } from '@portcullis/http';
import { requestIdOf } from '../request-id.ts';
import { readBody, type Entrance } from './entrance.ts';

/** What of an Express application is used here. */
export interface ExpressApplication {
  use(path: string, middleware: Middleware): unknown;
  readonly router: { readonly stack: { readonly handle: { readonly name: string } }[] };
}

/** Mounted as Apollo's own middleware is, so that the router matches both alike. Call it before Apollo's is. */
export function openOnExpress(app: ExpressApplication, entrance: Entrance): void {
  app.use(entrance.path, (request, response, next) => {
    const answered = (refusal: Awaited<ReturnType<Entrance['enter']>>): void =>
      refusal ? sendRefusal(response, refusal) : next();
    try {
      const refusal = entrance.enter(request, requestIdOf(request));
      if (refusal instanceof Promise) refusal.then(answered, next);
      else answered(refusal);
    } catch (error) {
      next(error);
    }
  });
  beforeParsers(app.router.stack);
  app.use(entrance.path, (request, response, next) => {
    readBody(request, request).then((refusal) => (refusal ? sendRefusal(response, refusal) : next()), next);
  });
}

/** The parsers are mounted before any module is asked. What is in front of them, such as CORS, stays there. */
function beforeParsers(stack: ExpressApplication['router']['stack']): void {
  const first = stack.findIndex(({ handle }) => PARSERS.has(handle.name));
  const own = stack.at(-1);
  if (first < 0 || own === undefined) return;
  stack.splice(-1);
  stack.splice(first, 0, own);
}

/** As body-parser names its middleware, by which Nest looks for them too. */
const PARSERS: ReadonlySet<string> = new Set(['jsonParser', 'urlencodedParser', 'textParser', 'rawParser']);
