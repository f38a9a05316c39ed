import { BadRequestException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { parseUniqueJson } from '@portcullis/tokens';

/** Bytes: an API may define a thousand permissions. Nobody gets here whose permission was not checked. */
const LIMIT = 256 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bodies that could mean two things mean nothing: no member twice, no `__proto__`, no broken UTF-8. */
export function readJsonStrictly(app: NestFastifyApplication): void {
  app.useBodyParser('application/json', { bodyLimit: LIMIT }, (_request, body, done) => {
    try {
      done(null, body.length === 0 ? undefined : parse(body));
    } catch (error) {
      done(new BadRequestException('The body is not JSON', { cause: error }));
    }
  });
}

function parse(body: Buffer): unknown {
  const value = parseUniqueJson(utf8.decode(body));
  if (namesPrototype(value)) throw new SyntaxError('a member is called __proto__');
  return value;
}

/** How deep it goes is bounded by the parser. */
function namesPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(namesPrototype);
}
