import { Catch, type ExceptionFilter } from '@nestjs/common';
import type { Refusal } from '@portcullis/http';
import { GraphQLError } from 'graphql';

/** A Refusal as a GraphQL error. Its `extensions` hold the code GraphQL clients know, the problem, and the challenge. */
export class RefusedGraphqlError extends GraphQLError {
  constructor({ status, problem, headers }: Refusal) {
    const challenge = headers['www-authenticate'];
    super(problem.detail, {
      extensions: {
        code: CODES[status] ?? 'SERVICE_UNAVAILABLE',
        problem,
        ...(challenge === undefined ? {} : { challenge }),
      },
    });
  }
}

const CODES: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
};

/** Hands it on to GraphQL as it is. Nest would log it as a failure of the application. */
@Catch(RefusedGraphqlError)
export class RefusedGraphqlFilter implements ExceptionFilter<RefusedGraphqlError> {
  catch(error: RefusedGraphqlError): never {
    throw error;
  }
}
