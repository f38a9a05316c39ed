import { Injectable } from '@nestjs/common';

/** Whether a server of this application was made by a GuardedAdapter. */
@Injectable()
export class GuardedServers {
  private count = 0;

  get some(): boolean {
    return this.count > 0;
  }

  add(): void {
    this.count++;
  }
}
