import { checkClock } from './clock.ts';
import type { ConfiguredIssuer } from './configuration.ts';
import { right, wrong, type Finding } from './finding.ts';
import { noAnswer } from './no-answer.ts';
import { quoted } from './quoted.ts';
import { documentAt, metadataAddresses, type Answered } from './well-known.ts';

export interface Discovered {
  readonly findings: readonly Finding[];
  /** Undefined when there are no metadata that name this very issuer. */
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
}

/** Asks the issuer where its things are and who it says it is. */
export async function discover({ issuer, jwksUri }: ConfiguredIssuer): Promise<Discovered> {
  let answer: Answered;
  try {
    answer = await metadataOf(issuer);
  } catch (error) {
    const { why, fix } = noAnswer(error);
    return nothing(wrong('discovery', `The issuer ${quoted(issuer)} does not answer: ${why}.`, fix));
  }
  const clock = checkClock(answer);
  if (answer.document === undefined) {
    // Where the key set is configured, an issuer need not have metadata.
    const findings = jwksUri === undefined ? [withoutDocument(issuer, answer)] : [];
    return { findings: [...findings, ...clock], metadata: undefined };
  }
  const foreign = foreignName(issuer, answer.document['issuer']);
  if (foreign !== undefined) return { findings: [foreign, ...clock], metadata: undefined };
  return {
    findings: [
      right('issuer', `The issuer answers, and names itself ${quoted(issuer)} as configured.`),
      ...clock,
    ],
    metadata: answer.document,
  };
}

function nothing(finding: Finding): Discovered {
  return { findings: [finding], metadata: undefined };
}

async function metadataOf(issuer: string): Promise<Answered> {
  const [openid = '', oauth = ''] = metadataAddresses(issuer);
  const answer = await documentAt(openid);
  return answer.status === 404 ? documentAt(oauth) : answer;
}

function withoutDocument(issuer: string, { status, location }: Answered): Finding {
  const [address] = metadataAddresses(issuer);
  if (status >= 300 && status < 400) {
    return wrong(
      'discovery',
      `The issuer sends the question for its metadata on${location === undefined ? '' : ` to ${quoted(location)}`}, and redirects are not followed: keys come from where they were said to be, or not at all.`,
      'Set ISSUER_URL to the address that it sends to, without "/.well-known/…", and as its metadata name it.',
    );
  }
  if (status === 404) {
    return wrong(
      'discovery',
      `There are no metadata at ${quoted(address)}.`,
      'Correct the path of ISSUER_URL (of Keycloak it is /realms/<realm>). If the issuer has no metadata, set JWKS_URI.',
    );
  }
  return wrong(
    'discovery',
    status === 200
      ? `What ${quoted(address)} answers is no JSON object.`
      : `${quoted(address)} answers with status ${status}.`,
    'Open that address: it must answer with the metadata of the issuer. A proxy or a login page may stand between.',
  );
}

function foreignName(issuer: string, named: unknown): Finding | undefined {
  if (named === issuer) return undefined;
  if (typeof named !== 'string') {
    return wrong(
      'issuer',
      'The metadata do not say whose they are.',
      'See that ISSUER_URL leads to an OpenID provider: its metadata must have a member "issuer".',
    );
  }
  const says = `ISSUER_URL is ${quoted(issuer)}, and the issuer names itself ${quoted(named)}`;
  const fix = `Set ISSUER_URL to ${quoted(named)}: it is compared character by character with "iss".`;
  if (named === `${issuer}/` || `${named}/` === issuer)
    return wrong('issuer', `${says}: the slash at the end differs.`, fix);
  if (withoutScheme(named) === withoutScheme(issuer)) {
    return wrong(
      'issuer',
      `${says}: one is http, the other https.`,
      named.startsWith('http:')
        ? 'If a proxy ends TLS before the issuer, let the issuer trust its X-Forwarded-Proto header, or configure its public address there.'
        : fix,
    );
  }
  return wrong(
    'issuer',
    `${says}: that is another.`,
    `If that is the issuer you mean, set ISSUER_URL to it. If it is its address behind a proxy, let the issuer trust the proxy's X-Forwarded-Host header, or configure its public address there.`,
  );
}

function withoutScheme(address: string): string {
  return address.replace(/^https?:/, '').replace(/\/$/, '');
}
