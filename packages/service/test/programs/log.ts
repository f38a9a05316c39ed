import { createLog, nestLogger } from '@portcullis/service';

const SECRET = 'eyJhbGciOi.secret.token';
const log = createLog({ name: 'test', level: 'trace' });

const withCause = new Error('the verdict', { cause: new Error(`Bearer ${SECRET}`) });
const withRequest = Object.assign(new Error('upstream'), {
  request: { headers: { authorization: SECRET } },
  config: { auth: SECRET },
});

log.info({ authorization: SECRET, cookie: SECRET, password: SECRET, token: SECRET, secret: SECRET }, 'top');
log.info(
  { headers: { authorization: SECRET, cookie: SECRET, dpop: SECRET, 'set-cookie': SECRET } },
  'headers',
);
log.info({ req: { method: 'GET', headers: { 'x-any': SECRET } } }, 'req');
log.info({ res: { headers: { 'set-cookie': SECRET } } }, 'res');
log.info({ request: { headers: { authorization: SECRET } } }, 'request');
log.error(withCause);
log.error({ err: withCause }, 'cause as err');
log.error({ error: withCause }, 'cause as error');
log.error(withRequest, 'request');
log.error(new AggregateError([new Error(SECRET)], 'several'));
log.error({ err: { token: SECRET } }, 'no error');
const nest = nestLogger(log);
nest.error(withCause, 'Problem');
nest.log('started', 'Nest');
nest.verbose('%s is not a format', 'Nest');
