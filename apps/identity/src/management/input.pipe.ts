import {
  HttpException,
  StandardSchemaValidationPipe,
  type ArgumentMetadata,
  type PipeTransform,
} from '@nestjs/common';

const WHERE = {
  body: { name: 'Payload', code: 'invalid_body' },
  query: { name: 'Query', code: 'invalid_query_string' },
  param: { name: 'Path', code: 'invalid_uri' },
  custom: { name: 'Request', code: 'invalid_request' },
} as const;

/** Something in the request is not as it has to be, in Auth0's words. */
export class InputInvalid extends HttpException {
  readonly code: string;

  constructor(where: keyof typeof WHERE, problem: string) {
    super(`${WHERE[where].name} validation error: ${problem}`, 400);
    this.code = WHERE[where].code;
  }
}

/** Checks what a handler's `schema` describes. */
export class InputPipe implements PipeTransform {
  readonly #pipes = new Map(
    (['body', 'query', 'param', 'custom'] as const).map((where) => [where, new StrictPipe(where)]),
  );

  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    return this.#pipes.get(metadata.type)?.transform(value, metadata);
  }
}

class StrictPipe extends StandardSchemaValidationPipe {
  constructor(where: keyof typeof WHERE) {
    super({
      exceptionFactory: ([issue]) => {
        const path = (issue?.path ?? []).map((segment) =>
          String(typeof segment === 'object' ? segment.key : segment),
        );
        const property = path.length > 0 ? ` on property ${path.join('.').slice(0, 100)}` : '';
        return new InputInvalid(where, `'${issue?.message.slice(0, 200) ?? 'invalid'}'${property}.`);
      },
    });
  }

  /** Nest would drop a member called __proto__ in silence; the parser has refused it before. */
  protected override stripProtoKeys(): void {}
}
