import type { PermissionObserver } from '@portcullis/permissions';
import type { Log } from '@portcullis/service';

/** Says in the log when the identity provider's changes are lost from sight, and when they are back. */
export class LoggedChanges implements PermissionObserver {
  private readonly log: Log;
  private lost = false;

  constructor(log: Log) {
    this.log = log;
  }

  changesRead(number: number): void {
    if (this.lost) this.log.info({ number }, 'the changes of the identity provider are followed again');
    this.lost = false;
  }

  changesFailed(error: Error): void {
    if (!this.lost)
      this.log.warn({ why: error.message }, 'the changes of the identity provider cannot be read');
    this.lost = true;
  }
}
