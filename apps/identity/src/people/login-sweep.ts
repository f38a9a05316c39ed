import type { Log } from '@portcullis/service';
import type { LoginAttempts } from './login-attempts.ts';
import type { LoginLog } from './login-log.ts';

const EVERY = 60 * 1000;

/** Forgets counts that are over, and writes down what was only counted. Returns what stops it. */
export function sweepLogins(attempts: LoginAttempts, loginLog: LoginLog, log: Log): () => void {
  const sweep = () => {
    loginLog.flush();
    attempts.sweep().catch((error: unknown) => log.error({ err: error }, 'sweep failed'));
  };
  const timer = setInterval(sweep, EVERY);
  timer.unref();
  return () => {
    clearInterval(timer);
    loginLog.flush();
  };
}
