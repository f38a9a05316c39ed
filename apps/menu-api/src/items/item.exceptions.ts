import { HttpException } from '@nestjs/common';
import { createProblem, type FieldError } from '@portcullis/http';

export class ItemAbsent extends HttpException {
  constructor() {
    super(createProblem(404, 'there is no item with this id', { code: 'ERR_ITEM_ABSENT' }), 404);
  }
}

export class ItemStale extends HttpException {
  constructor() {
    super(
      createProblem(412, 'the item was changed since you read it: read it again, then decide', {
        code: 'ERR_ITEM_STALE',
      }),
      412,
    );
  }
}

export class FieldsInvalid extends HttpException {
  constructor(errors: readonly FieldError[]) {
    const [first] = errors;
    const detail = first ? `${first.pointer || 'the body'}: ${first.message}` : 'the request is not valid';
    super(createProblem(400, detail, { code: 'ERR_FIELDS_INVALID', errors }), 400);
  }
}
