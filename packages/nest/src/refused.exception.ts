import { HttpException } from '@nestjs/common';
import type { Refusal } from '@portcullis/http';

/** A Refusal on its way through Nest's filters, which see its status and problem like any exception's. */
export class RefusedException extends HttpException {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super({ ...refusal.problem }, refusal.status);
    this.refusal = refusal;
  }
}
