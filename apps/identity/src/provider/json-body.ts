import { IncomingMessage } from 'node:http';
import { errors } from 'oidc-provider';

const LIMIT = 16 * 1024;
const MEMBER =
  /\s*("(?:[^"\\]|\\.)*")\s*:\s*("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)\s*([,}])/y;

export function hasJsonBody(request: IncomingMessage): boolean {
  return /^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '');
}

/**
 * The same request with its JSON body as a form, which is what RFC 6749 knows. Only a flat object of
 * single values can be one: anything else is refused before it could mean two things.
 */
export async function asFormRequest(request: IncomingMessage): Promise<IncomingMessage> {
  const body = Buffer.from(new URLSearchParams(parseFlatObject(await readBody(request))).toString());
  const form = new IncomingMessage(request.socket);
  const { method, url, httpVersion, httpVersionMajor, httpVersionMinor, rawHeaders } = request;
  Object.assign(form, { method, url, httpVersion, httpVersionMajor, httpVersionMinor, rawHeaders });
  form.headers = {
    ...request.headers,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(body.length),
  };
  form.complete = true;
  form.push(body);
  form.push(null);
  return form;
}

/** @throws InvalidRequest for more than 16 KiB */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('the request was decoded before');
    length += chunk.length;
    if (length > LIMIT) throw new errors.InvalidRequest('request body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** @throws InvalidRequest for arrays, nesting, a name twice, and what is no JSON object. */
export function parseFlatObject(json: string): [string, string][] {
  const text = json.trim();
  if (/^\{\s*\}$/.test(text)) return [];
  const members = new Map<string, string>();
  let end = text.startsWith('{') ? 1 : -1;
  for (let last = ''; last !== '}';) {
    MEMBER.lastIndex = end;
    const match = end < 0 ? null : MEMBER.exec(text);
    if (!match) throw new errors.InvalidRequest('JSON body must be a flat object of single values');
    const [, name = '', value = '', separator = ''] = match;
    const key = parseScalar(name);
    if (members.has(key)) throw new errors.InvalidRequest('JSON body must not name a parameter twice');
    members.set(key, parseScalar(value));
    end = MEMBER.lastIndex;
    last = separator;
  }
  if (end !== text.length) throw new errors.InvalidRequest('JSON body must be a single object');
  return [...members].filter(([, value]) => value !== '');
}

function parseScalar(source: string): string {
  try {
    const value = JSON.parse(source) as string | number | boolean | null;
    return value === null ? '' : String(value);
  } catch {
    throw new errors.InvalidRequest('JSON body is malformed');
  }
}
