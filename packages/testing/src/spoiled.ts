/** Ways to break a token that is otherwise good. Each takes and gives the compact form. */
export const spoiled = {
  /** Another signature of the same length. */
  signature: (token: string): string =>
    rejoined(token, (header, payload, signature) => [header, payload, flipped(signature)]),

  /** Nothing after the last dot. */
  unsigned: (token: string): string => rejoined(token, (header, payload) => [header, payload, '']),

  /** `alg: none` in the header and no signature. */
  none: (token: string): string =>
    rejoined(token, (header, payload) => [merged(header, { alg: 'none' }), payload, '']),

  /** Header parameters exchanged after signing. */
  header: (token: string, parameters: Readonly<Record<string, unknown>>): string =>
    rejoined(token, (header, payload, signature) => [merged(header, parameters), payload, signature]),

  /** Claims exchanged after signing. */
  claims: (token: string, claims: Readonly<Record<string, unknown>>): string =>
    rejoined(token, (header, payload, signature) => [header, merged(payload, claims), signature]),

  /** The same bytes in another spelling: spare bits set in the last character (RFC 4648 3.5). */
  spelling: (token: string): string => `${token.slice(0, -1)}${nextCharacter(token.at(-1) ?? 'A')}`,
} as const;

type Parts = readonly [header: string, payload: string, signature: string];

function rejoined(token: string, change: (...parts: Parts) => Parts): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return change(header, payload, signature).join('.');
}

function merged(part: string, members: Readonly<Record<string, unknown>>): string {
  const before: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
  return Buffer.from(JSON.stringify(Object.assign({}, before, members))).toString('base64url');
}

function flipped(part: string): string {
  const bytes = Buffer.from(part, 'base64url');
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  return bytes.toString('base64url');
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function nextCharacter(last: string): string {
  return alphabet[(alphabet.indexOf(last) + 1) % alphabet.length] ?? 'A';
}
