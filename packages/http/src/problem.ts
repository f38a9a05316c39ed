import { STATUS_CODES } from 'node:http';

export interface FieldError {
  /** JSON Pointer (RFC 6901) to the field; the empty string is the whole body. */
  readonly pointer: string;
  readonly message: string;
}

/** Problem details (RFC 9457). `message` and `statusCode` repeat `detail` and `status` for older clients. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly message: string;
  readonly statusCode: number;
  /** Stable name of the failure, for programs. */
  readonly code?: string;
  readonly errors?: readonly FieldError[];
  readonly missingPermissions?: readonly string[];
}

export type ProblemExtension = Pick<Problem, 'code' | 'errors' | 'missingPermissions'>;

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export function createProblem(status: number, detail: string, extension: ProblemExtension = {}): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    message: detail,
    statusCode: status,
    ...extension,
  };
}
