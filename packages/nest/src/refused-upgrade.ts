import { PROBLEM_MEDIA_TYPE, Refusal } from '@portcullis/http';

/** Bytes that a message over a WebSocket may have: a megabyte, as socket.io has it. `ws` would take a hundred. */
export const LONGEST_MESSAGE = 1_048_576;

export const FOREIGN_PAGE = new Refusal(
  403,
  'this page may not connect: its origin is not among "origins"',
  {},
  { code: 'ERR_ORIGIN' },
);

/** As `verifyClient` of the `ws` package takes what is answered instead of an upgrade. */
export function written({
  status,
  problem,
  headers,
}: Refusal): [status: number, body: string, headers: Record<string, string>] {
  return [status, JSON.stringify(problem), { ...headers, 'content-type': PROBLEM_MEDIA_TYPE }];
}
