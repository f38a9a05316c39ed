/** Why `fetch` got no answer, and what to do about it. */
export interface NoAnswer {
  readonly why: string;
  readonly fix: string;
}

const known: Readonly<Record<string, NoAnswer>> = {
  ECONNREFUSED: {
    why: 'nothing listens there',
    fix: 'Start the issuer, or correct host and port. The API may be started first: it answers 503 until the keys come.',
  },
  ENOTFOUND: {
    why: 'the host name is unknown',
    fix: 'Correct the host name, or the name service of this machine.',
  },
  EAI_AGAIN: { why: 'the name service does not answer', fix: 'See to the name service of this machine.' },
  ECONNRESET: {
    why: 'the connection was cut',
    fix: 'Try again. If it stays so, look whether the issuer speaks https there while http was asked for, and what stands between.',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: {
    why: 'https was asked for, and what answered is not TLS',
    fix: 'Name the port on which the issuer speaks https; on loopback, write http:// if that is what it speaks.',
  },
};

const untrusted: NoAnswer = {
  why: 'its certificate is not trusted here',
  fix: 'Renew the certificate, or name the authority that signed it in NODE_EXTRA_CA_CERTS.',
};

const late: NoAnswer = {
  why: 'no whole answer came within 5 s',
  fix: 'See why the issuer is slow, and whether a firewall drops what this machine sends.',
};

const cut: NoAnswer = known['ECONNRESET'] ?? untrusted;

export function noAnswer(error: unknown): NoAnswer {
  if (error instanceof Error && error.name === 'TimeoutError') return late;
  const code = codeOf(error);
  if (code === undefined || code === 'UND_ERR_SOCKET') return cut;
  if (/CERT|SIGNATURE|ISSUER|ALTNAME/.test(code)) return untrusted;
  return known[code] ?? { why: `it cannot be reached (${code})`, fix: 'See to the network between.' };
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause) ?? (error instanceof AggregateError ? codeOf(error.errors[0]) : undefined);
}
