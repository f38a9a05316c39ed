import { StandardSchemaValidationPipe } from '@nestjs/common';
import type { FieldError } from '@portcullis/http';
import { FieldsInvalid } from './item.exceptions.ts';

/** Validates what a handler's `schema` describes, and names every field that fails. */
export class FieldsPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: (issues) => new FieldsInvalid(issues.map(fieldError)) });
  }

  /** Nest would drop a member called __proto__ in silence; here the body was refused for it before. */
  protected override stripProtoKeys(): void {}
}

type Issue = Parameters<
  NonNullable<NonNullable<ConstructorParameters<typeof StandardSchemaValidationPipe>[0]>['exceptionFactory']>
>[0][number];

function fieldError({ path = [], message }: Issue): FieldError {
  const keys = path.map((segment) => String(typeof segment === 'object' ? segment.key : segment));
  return {
    pointer: keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    message,
  };
}
