import type { IncomingMessage, ServerResponse } from 'node:http';
import { createProblem, PROBLEM_MEDIA_TYPE } from '@portcullis/http';

const UNREADABLE = JSON.stringify(createProblem(400, 'the address cannot be read'));

/** Percent signs that encode nothing (RFC 3986 2.1). */
export function isReadable(url = '/'): boolean {
  try {
    decodeURI(url);
    return true;
  } catch {
    return false;
  }
}

export function refuseAddress(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(400, { 'content-type': `${PROBLEM_MEDIA_TYPE}; charset=utf-8` }).end(UNREADABLE);
}
