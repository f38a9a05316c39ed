import { pino, type Logger } from 'pino';

export type Log = Logger;

/** Where a credential could stand in anything an app logs; pino writes `[redacted]` in its place. */
const SECRET_PATHS = [
  'authorization',
  'cookie',
  'password',
  'token',
  'secret',
  'headers.authorization',
  'headers.cookie',
  'headers.dpop',
  'headers["set-cookie"]',
  'req.headers',
  'res.headers',
  'request.headers',
];

/**
 * One JSON object a line on standard output. Errors are reduced to type, message and stack: a cause
 * or an attached request could carry a credential.
 */
export function createLog(options: { readonly name: string; readonly level: string }): Log {
  return pino({
    name: options.name,
    level: options.level,
    redact: { paths: SECRET_PATHS, censor: '[redacted]' },
    serializers: { err: reduced, error: reduced },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}

/** Not pino's own: that one writes the causes' messages into both message and stack. */
function reduced(error: unknown) {
  if (!(error instanceof Error)) return { type: typeof error };
  const { message, stack = '' } = error;
  // A failed query repeats its parameters in its message, and its message in its stack.
  const said = 'params' in error ? message.replace(/\nparams: .*/s, '') : message;
  return { type: error.constructor.name, message: said, stack: stack.replace(message, () => said) };
}

/** Nest's own messages through `log`, so that standard output stays one JSON object a line. */
export function nestLogger(log: Log) {
  const write =
    (level: 'info' | 'warn' | 'error' | 'debug' | 'trace' | 'fatal') =>
    (message: unknown, ...rest: unknown[]) => {
      const context = rest.findLast((value) => typeof value === 'string');
      if (message instanceof Error) log[level]({ err: message, context });
      else log[level]({ context }, '%s', message);
    };
  return {
    log: write('info'),
    warn: write('warn'),
    error: write('error'),
    debug: write('debug'),
    verbose: write('trace'),
    fatal: write('fatal'),
  };
}
