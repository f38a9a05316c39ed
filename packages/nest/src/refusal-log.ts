import { Logger } from '@nestjs/common';
import type { Refusal } from '@portcullis/http';
import { Sampling } from './sampling.ts';

interface Refused {
  readonly handler: string;
  readonly refusal: Refusal;
}

/** Why requests were refused, as lines of Nest's log: of each handler and code ten a minute, then how many more. */
export class RefusalLog {
  private readonly log = new Logger('Portcullis');
  private readonly sampling = new Sampling<Refused>((refused, more) => this.log.log(lineOf(refused, more)));

  /** @param handler such as `ItemsController.create` */
  write(handler: string, refusal: Refusal): void {
    this.sampling.take({ handler, refusal }, `${handler} ${refusal.status} ${refusal.problem.code ?? ''}`);
  }

  /** The application stops: says now how many more there were. */
  close(): void {
    this.sampling.flush();
  }
}

function lineOf({ handler, refusal }: Refused, more: number | undefined): string {
  const { status, problem, hint = '' } = refusal;
  const what = `refused ${handler}: ${status} ${problem.code ?? ''}`;
  return (
    more === undefined ? `${what} ${problem.detail} ${hint}` : `${what}, ${more} more in a minute`
  ).trimEnd();
}
