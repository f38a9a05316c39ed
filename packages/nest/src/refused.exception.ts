import { HttpException } from '@nestjs/common';
import type { Refusal } from '@portcullis/http';

/** A Refusal on its way through Nest's filters, which see its status and problem like any exception's. */
export class RefusedException extends HttpException {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super({ ...refusal.problem }, refusal.status);
    this.refusal = refusal;
  }

  /** Under the name by which Express sends an error's headers where nothing else answers it. */
  get headers(): Refusal['headers'] {
    return this.refusal.headers;
  }
}
