/** How a document was answered. */
export interface Answered {
  readonly status: number;
  readonly location: string | undefined;
  /** By the headers `Date` and `Age`, in milliseconds since the epoch; undefined when there is no date. */
  readonly sentAt: number | undefined;
  /** When the answer came, by this machine. */
  readonly receivedAt: number;
  /** Undefined when the body is no JSON object of at most 1 MiB. */
  readonly document: Readonly<Record<string, unknown>> | undefined;
}

/** Milliseconds for one document. */
const PATIENCE = 5000;
const MAX_BYTES = 1024 * 1024;

/** @throws whatever keeps `fetch` from an answer within 5 s */
export async function documentAt(url: string): Promise<Answered> {
  const signal = AbortSignal.timeout(PATIENCE);
  const headers = { accept: 'application/json' };
  const response = await fetch(url, { redirect: 'manual', signal, headers });
  const receivedAt = Date.now();
  const date = Date.parse(response.headers.get('date') ?? '');
  const age = Number(response.headers.get('age') ?? 0) * 1000;
  return {
    status: response.status,
    location: response.headers.get('location') ?? undefined,
    sentAt: Number.isFinite(date + age) ? date + age : undefined,
    receivedAt,
    document: response.status === 200 ? await jsonOf(response) : await dropped(response),
  };
}

/** The two places of an issuer's metadata (OpenID Connect Discovery 4, RFC 8414 3.1). */
export function metadataAddresses(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
}

async function dropped(response: Response): Promise<undefined> {
  await response.body?.cancel();
}

async function jsonOf(response: Response): Promise<Answered['document']> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  try {
    const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString());
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
